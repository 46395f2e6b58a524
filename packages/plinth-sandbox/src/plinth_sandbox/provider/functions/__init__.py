"""Code for resource types that the provider catalog cannot describe declaratively, one module per catalog module."""
