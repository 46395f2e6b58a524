"""The stack ``tooling-portal``: the portal in the Kubernetes cluster."""
