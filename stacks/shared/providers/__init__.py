"""Providers of the stacks: those of AWS accounts, and that of the Kubernetes cluster."""
