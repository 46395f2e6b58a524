"""Permission to start builds of a project as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from components.identity.iam.statements import Conditions, Statement

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


def start_as_it_is(
    sid: str,
    projects: Sequence[pulumi.Input[str]],
    variables: Sequence[str],
    values: Mapping[str, Sequence[str]] | None = None,
    conditions: Conditions | None = None,
) -> Statement:
    """Allows starting builds that run the commands of the project, from its source, in its image and as its role. A
    start may set only environment variables with the names in ``variables``; it has to set those of ``values``, each to
    one of its values. ``conditions`` are further ``StringEquals`` conditions by operator, as statements have them."""
    more = dict(conditions or {})
    equal = {**more.pop("StringEquals", {}), **{_value_of(name): list(some) for name, some in (values or {}).items()}}
    return Statement(
        sid=sid,
        actions=["codebuild:StartBuild"],
        resources=list(projects),
        conditions={
            "Null": dict.fromkeys(FIXED_BY_THE_PROJECT, "true"),
            "ForAllValues:StringEquals": {VARIABLE_NAMES: list(variables)},
            **({"StringEquals": equal} if equal else {}),
            **more,
        },
    )


def _value_of(variable: str) -> str:
    return f"codebuild:environment.environmentVariables/{variable}.value"
