"""Records the requirements that a placement gives up in Parameter Store, where auditors find them."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
import pulumi_aws as aws

from settings.organization.placement import RelaxedRule

NOTHING = "none"
"""Value for no rules, because Parameter Store does not accept an empty one."""


def record_relaxed_rules(owner: str, rules: Iterable[RelaxedRule], opts: pulumi.ResourceOptions) -> None:
    """Writes the rules, one per line, to ``/plinth/relaxed-rules/<owner>``. Its history shows since when."""
    aws.ssm.Parameter(
        "relaxed-rules",
        name=f"/plinth/relaxed-rules/{owner}",
        description="Requirements that the placement of accounts gives up",
        type="String",
        value="\n".join(map(str, rules)) or NOTHING,
        opts=opts,
    )
