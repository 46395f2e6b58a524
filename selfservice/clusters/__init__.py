"""Access to Kubernetes clusters. What stacks deploy into a cluster does not belong here."""
