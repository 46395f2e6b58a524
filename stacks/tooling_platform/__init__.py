"""The stack ``tooling-platform``: what every workload in the Kubernetes cluster of the tooling account relies on."""
