"""Rules of clusters and of what runs in them: EKS resources of AWS, and resources of the Kubernetes API.

The process of the pack in ``policies.security`` runs them too. Rules of other AWS resources belong there.
"""
