"""Permission to start builds of a project as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
Equal = Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]
"""Values by condition key."""


def start_as_it_is(
    sid: str,
    projects: Sequence[pulumi.Input[str]],
    variables: Sequence[str],
    equal: Equal | None = None,
) -> Statement:
    """Allows starting builds that run the commands of the project, from its source, in its image and as its role. A
    start may set only environment variables with the names in ``variables``. ``equal`` are further condition keys, each
    with the values that it may have, such as :func:`value_of` a variable."""
    return Statement(
        sid=sid,
        actions=["codebuild:StartBuild"],
        resources=list(projects),
        conditions={
            "Null": dict.fromkeys(FIXED_BY_THE_PROJECT, "true"),
            "ForAllValues:StringEquals": {VARIABLE_NAMES: list(variables)},
            **({"StringEquals": equal} if equal else {}),
        },
    )


def value_of(variable: str) -> str:
    """Returns the condition key of the value of a variable that a start sets."""
    return f"codebuild:environment.environmentVariables/{variable}.value"
