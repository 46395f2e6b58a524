"""Readers of Kubernetes manifests: their types and namespaces, and the pods in workloads. They decide nothing."""
