"""Kubernetes clusters on EKS and their IAM roles, those of workloads included. Objects in a cluster are not here."""
