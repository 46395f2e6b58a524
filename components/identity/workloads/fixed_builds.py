"""Permission to start builds of a project as it is."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.statements import Statement

FIXED_BY_THE_PROJECT = (
    "codebuild:environment.image",
    "codebuild:environment.privilegedMode",
    "codebuild:secondarySources",
    "codebuild:serviceRole",
    "codebuild:source.buildspec",
    "codebuild:source.location",
)
"""Condition keys of what a start leaves as it is (CodeBuild User Guide, "AWS CodeBuild condition keys")."""
VARIABLE_NAMES = "codebuild:environment.environmentVariables.name"


def start_as_it_is(sid: str, project_arn: pulumi.Input[str], variables: Sequence[str]) -> Statement:
    """Allows starting builds that run the commands of the project, from its source, in its image and as its role. A
    start may set only environment variables with these names."""
    return Statement(
        sid=sid,
        actions=["codebuild:StartBuild"],
        resources=[project_arn],
        conditions={
            "Null": dict.fromkeys(FIXED_BY_THE_PROJECT, "true"),
            "ForAllValues:StringEquals": {VARIABLE_NAMES: list(variables)},
        },
    )
