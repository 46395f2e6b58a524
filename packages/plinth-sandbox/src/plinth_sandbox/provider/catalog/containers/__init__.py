"""Services for containers: EKS."""
