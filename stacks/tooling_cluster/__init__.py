"""The stack ``tooling-cluster``: a private Kubernetes cluster in the tooling account, if a setting asks for one."""
