"""The private API through which environments query datasets.

Permissions to call it are in `components.identity.workloads`.
"""
