"""The stack ``tooling-ci``: runners of GitLab in the Kubernetes cluster, one for each team of the settings."""
