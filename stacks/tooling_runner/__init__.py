"""The stack ``tooling-runner``: what Jobs that run stack operations need in the Kubernetes cluster."""
