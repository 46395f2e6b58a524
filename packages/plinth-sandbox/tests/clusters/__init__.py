"""A real Kubernetes control plane: its build, its processes, and what the sandbox does with it."""
