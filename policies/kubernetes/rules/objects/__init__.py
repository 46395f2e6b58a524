"""Rules of Kubernetes objects other than pods: namespaces, access, services and configuration."""
