"""For every guardrail statement, requests that it denies and similar requests that it does not."""

from __future__ import annotations

from dataclasses import replace

from components.organization.guardrails import (
    cost,
    data,
    identities,
    membership,
    monitoring,
    network,
    perimeter,
    registry,
    resources,
    sagemaker,
)
from tests.support.action_lists import listed_actions
from tests.unit.components.guardrails.cases import cost as of_cost
from tests.unit.components.guardrails.cases import data as of_data
from tests.unit.components.guardrails.cases import identities as of_identities
from tests.unit.components.guardrails.cases import membership as of_membership
from tests.unit.components.guardrails.cases import network as of_network
from tests.unit.components.guardrails.cases import perimeter as of_perimeter
from tests.unit.components.guardrails.cases import resources as of_resources
from tests.unit.components.guardrails.cases import sagemaker as of_sagemaker
from tests.unit.components.guardrails.cases.actions import DENIED, PASSING
from tests.unit.components.guardrails.cases.requests import LAKE, OFFICE, ORGANIZATION, UNIT, WORKFLOW, Case

ELSEWHERE = membership.ElsewhereAllowed(actions=["bedrock:InvokeModel*"], regions=["eu-central-1"])

STATEMENTS = {
    statement.sid: statement
    for statement in (
        *membership.stay_in_the_organization(),
        *membership.stay_in_allowed_regions(["eu-west-1"], [ELSEWHERE]),
        *membership.deny_everything(),
        *monitoring.protect_monitoring(),
        *identities.require_boundaries(),
        *identities.no_long_lived_credentials(),
        *network.deny_gateways(),
        *network.gateways_by_foundation_only(),
        *network.protect_network(),
        *network.require_vpc(),
        *sagemaker.only_in_the_network(),
        *sagemaker.only_encrypted(),
        *sagemaker.only_isolated(),
        *sagemaker.no_studio(),
        *registry.only_approvers_approve(),
        *perimeter.only_our_resources(ORGANIZATION, ["eu-west-1"]),
        *perimeter.only_from_our_networks(ORGANIZATION, [OFFICE]),
        *perimeter.workloads_use_endpoints(),
        *data.no_external_sharing("acme.example"),
        *data.no_data_grants(),
        *data.keep_buckets_private(),
        *data.lake_is_read_only(LAKE),
        *data.lake_accepts_results_only(LAKE),
        *cost.limit_requests(cost.EXPERIMENT_LIMITS),
        *cost.require_team_tag(),
        *cost.protect_tags(),
        *resources.only_our_identities(ORGANIZATION, ["888888888888"]),
        *resources.no_confused_deputy(ORGANIZATION),
        *resources.only_over_tls(),
        *resources.only_from_our_networks(ORGANIZATION, [OFFICE]),
        *resources.no_web_identities(ORGANIZATION, [WORKFLOW]),
        *resources.protect_lake(LAKE, [UNIT]),
    )
}


_CASES = [
    *of_membership.CASES,
    *of_identities.CASES,
    *of_network.CASES,
    *of_sagemaker.CASES,
    *of_perimeter.CASES,
    *of_data.CASES,
    *of_cost.CASES,
    *of_resources.CASES,
]


def _with_every_action(case: Case) -> Case:
    """Returns a case with a denied or passing request for each action that the tables list for its statement."""
    first = case.denied[0]
    denied, passing = (
        [replace(first, action=action) for action in listed_actions(*table.get(case.sid, ())) if action != first.action]
        for table in (DENIED, PASSING)
    )
    return replace(case, denied=[*case.denied, *denied], passes=[*case.passes, *passing])


CASES = [_with_every_action(case) for case in _CASES]
