"""The layout of the artifact bucket in the tooling account, below the folder ``<team>/<use case>`` of a use case."""

from __future__ import annotations

MODELS = "models"
"""Folder of the artifacts of registered models, by branch and build id."""
OPEN_BRANCHES = "branches/open"
"""Folder of the records of builds of feature branches. They are deleted with their branch."""
REMOVED_BRANCHES = "branches/removed"
"""Folder of the manifests of removed feature branches (AMB-07)."""
MANIFEST_TAG = ("retention", "branch-manifest")
"""Key and value of the tag of these manifests, by which a lifecycle rule finds them in all use cases."""
PROMOTIONS = "promotions"
"""Folder of the records of promotions: plans, approvals, deployments and the last robust state of each environment."""
DEPLOYMENTS = "deployments"
"""Folder of Pulumi's states of the deployment repository."""
