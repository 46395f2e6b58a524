"""Facts about the whole organization that single stacks and plans of all stacks need.

They follow from all settings files together. The validation cache stores them, so that a program of one stack does not
have to parse the settings of every team.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from settings.organization.placement import RelaxedRule
from settings.types.kinds import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """A summary of a :class:`settings.derived.foundation.Foundation` that does not contain its settings."""

    graph: Mapping[str, tuple[str, ...]]
    """The stacks that each stack depends on, by name, in deployment order."""
    account_labels: Mapping[str, str]
    """Account label by stack."""
    durable_hosts: Mapping[Kind, tuple[Kind, ...]]
    """The kinds placed in each durable account, including environments of teams."""
    relaxed_rules: tuple[RelaxedRule, ...]
    """The separation rules that the placements relax."""
    datasets_by_team: Mapping[str, tuple[str, ...]]
    """The datasets that are shared with a team, pushed to it, or returned by it."""
    studio_users: Mapping[str, tuple[str, ...]]
    """User names in the directory that each environment's Studio needs. Empty if people sign in with IAM."""
    delivery_people: Mapping[str, tuple[str, ...]]
    """User names in the directory of the people who push, approve and own each use case, by its stack. Empty if people
    sign in with IAM."""
    has_pushed_data: bool
    """Whether any dataset is pushed to an environment."""
    has_deliveries: bool
    """Whether any use case has a delivery in the tooling account."""
