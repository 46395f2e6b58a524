"""The layout of the artifact bucket in the tooling account, below the folder ``<team>/<use case>`` of a use case."""

from __future__ import annotations

from settings.types.kinds import ReleasedTo

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
STATE_VERSION = ".pulumi/meta.yaml"
"""Object with the version of the layout of the states. The engine writes it if it is missing."""


def release_stack(team: str, environment: ReleasedTo) -> str:
    """Returns the stack of the deployment repository's program that serves an environment."""
    return f"{team}-{environment}"


def state_objects(project: str, stack: str) -> list[str]:
    """Returns patterns of the objects in which the engine keeps a stack: its state with the copy before the last
    change, backups, history, and locks (Pulumi, DIY backends)."""
    return [
        f".pulumi/stacks/{project}/{stack}.json*",
        f".pulumi/backups/{project}/{stack}/*",
        f".pulumi/history/{project}/{stack}/*",
        f".pulumi/locks/organization/{project}/{stack}/*",
    ]
