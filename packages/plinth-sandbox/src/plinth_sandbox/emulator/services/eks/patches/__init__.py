"""Patches of services for containers: clusters of EKS, and who has access to them."""
