"""Settings of the Kubernetes cluster in the tooling account, and of the tools in it."""
