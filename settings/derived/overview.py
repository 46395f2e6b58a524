"""Facts about an organization as a whole that one stack needs, or that a plan of all stacks consists of.

They follow from every settings file together. The validation cache keeps them, so that using one stack's settings does
not mean reading everybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from settings.organization.placement import RelaxedRule
from settings.types.kinds import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """What :class:`settings.foundation.Foundation` says about itself without its parts."""

    graph: Mapping[str, tuple[str, ...]]
    """Every stack with those it needs, by name, in an order in which they can be brought up."""
    account_labels: Mapping[str, str]
    """The label of the account that each stack builds in."""
    durable_hosts: Mapping[Kind, tuple[Kind, ...]]
    """The kinds that land in each durable account, those of teams included."""
    relaxed_rules: tuple[RelaxedRule, ...]
    """The rules that the placements give up."""
    datasets_by_team: Mapping[str, tuple[str, ...]]
    """The datasets that name a team as reader, receiver or source."""
    has_pushed_data: bool
    """Whether any dataset is pushed into an environment."""
