"""Records what a placement gives up where an auditor finds it: beside the organization, not only on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
import pulumi_aws as aws

from settings.organization.placement import RelaxedRule

NOTHING = "none"
"""Parameter Store takes no empty value."""


def record_relaxed_rules(owner: str, rules: Iterable[RelaxedRule], opts: pulumi.ResourceOptions) -> None:
    """One rule per line in the parameter ``/plinth/relaxed-rules/<owner>``; its history says since when."""
    aws.ssm.Parameter(
        "relaxed-rules",
        name=f"/plinth/relaxed-rules/{owner}",
        description="Requirements that the placement of accounts gives up",
        type="String",
        value="\n".join(map(str, rules)) or NOTHING,
        opts=opts,
    )
