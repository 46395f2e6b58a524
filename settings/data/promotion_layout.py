"""Names in the promotion pipeline that its component, its actions and the command line share."""

from __future__ import annotations

from settings.types.kinds import ReleasedTo

SOURCE, PREPARE, REVIEW, BUSINESS, RELEASE = "Source", "Prepare", "Review", "Business", "Release"
APPROVALS = (REVIEW, BUSINESS, RELEASE)
"""Stages with a manual approval: one before pre-production, and one or two before production."""
STAGES = (SOURCE, PREPARE, REVIEW, "Preproduction", BUSINESS, RELEASE, "Production")
"""Stages in their order. A stage that deploys is named after its environment."""
IN_REGISTRY = "Registry"
"""Decision beside those of the stages: the approval of the version in the registry."""
PROPOSED = "asked for the promotion"
"""Action of the person who approved the version in the registry."""
APPROVAL = "Approve"
"""Name of the manual approval in each stage that has one."""
BUSINESS_APPROVAL = "BusinessApproval"
"""Name of the manual approval in the stage of the business, by which policies admit product owners and analysts."""
SERVES = "serves-"
"""Prefix of the metadata of a version that names an environment."""
MODEL_PACKAGE = "ModelPackage"
"""Variable that names the version: its ARN, its number, or ``newest``."""
NEWEST = "newest"
"""Value of this variable for the newest approved version."""
TARGET = "Target"
"""Variable that names the last environment of an execution."""


def stage_of(environment: ReleasedTo) -> str:
    """Returns the stage that deploys to an environment."""
    return environment.capitalize()


def approval_of(stage: str) -> str:
    """Returns the name of the manual approval of a stage."""
    return BUSINESS_APPROVAL if stage == BUSINESS else APPROVAL
