"""Load balancers in front of tools in a cluster, and which ones the Kubernetes API admits."""
