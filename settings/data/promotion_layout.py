"""Names in the promotion pipeline that its component, its actions and the command line share."""

from __future__ import annotations

from settings.types.kinds import ReleasedTo

SOURCE, PREPARE, REVIEW, RELEASE = "Source", "Prepare", "Review", "Release"
APPROVALS = (REVIEW, RELEASE)
"""Stages with a manual approval, before each environment."""
STAGES = (SOURCE, PREPARE, REVIEW, "Preproduction", RELEASE, "Production")
"""Stages in their order. A stage that deploys is named after its environment."""
IN_REGISTRY = "Registry"
"""Decision beside those of the stages: the approval of the version in the registry."""
PROPOSED = "asked for the promotion"
"""What the person did who approved the version in the registry."""
APPROVAL = "Approve"
"""Name of the manual approval in each stage that has one."""
MODEL_PACKAGE = "ModelPackage"
"""Variable that names the version: its ARN, its number, or ``newest``."""
NEWEST = "newest"
"""Value of this variable for the newest approved version."""
TARGET = "Target"
"""Variable that names the last environment of an execution."""


def stage_of(environment: ReleasedTo) -> str:
    """Returns the stage that deploys to an environment."""
    return environment.capitalize()
