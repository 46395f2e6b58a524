"""A Kubernetes control plane on this machine: its build, its certificates, its processes. Nothing here knows AWS or
Pulumi."""
