"""The policies of the pack. Importing this module imports all rules and starts nothing."""

from __future__ import annotations

from pulumi_policy import Policy

from policies.evaluation.engine_policies import engine_policies
from policies.rule_list import RULES


def policies() -> list[Policy]:
    """Returns the policies for the rules of every package."""
    return engine_policies(RULES)
