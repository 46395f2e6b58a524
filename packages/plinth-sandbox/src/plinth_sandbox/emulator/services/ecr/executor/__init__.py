"""Images of the emulated ECR: their scans, and the manifests that jobs and endpoints pull."""
