"""For every statement of a guardrail, requests that it denies, and the nearest that it leaves alone."""

from __future__ import annotations

from components.organization.guardrails import (
    cost,
    data,
    identities,
    membership,
    network,
    perimeter,
    registry,
    resources,
    sagemaker,
    watch,
)
from tests.unit.components.guardrails.cases import cost as of_cost
from tests.unit.components.guardrails.cases import data as of_data
from tests.unit.components.guardrails.cases import identities as of_identities
from tests.unit.components.guardrails.cases import membership as of_membership
from tests.unit.components.guardrails.cases import network as of_network
from tests.unit.components.guardrails.cases import perimeter as of_perimeter
from tests.unit.components.guardrails.cases import resources as of_resources
from tests.unit.components.guardrails.cases import sagemaker as of_sagemaker
from tests.unit.components.guardrails.cases.asked import LAKE, OFFICE, ORGANIZATION, UNIT

STATEMENTS = {
    statement.sid: statement
    for statement in (
        *membership.stay_in_the_organization(),
        *membership.stay_in_allowed_regions(["eu-west-1"]),
        *membership.nothing_at_all(),
        *watch.keep_the_watch(),
        *identities.keep_identities_bounded(),
        *identities.only_sessions(),
        *network.no_way_out(),
        *network.one_way_out(),
        *network.keep_the_network(),
        *network.only_in_networks(),
        *sagemaker.only_in_the_network(),
        *sagemaker.only_encrypted(),
        *sagemaker.only_isolated(),
        *sagemaker.no_studio(),
        *registry.only_approvers_approve(),
        *perimeter.only_our_resources(ORGANIZATION, ["eu-west-1"]),
        *perimeter.only_from_our_networks(ORGANIZATION, [OFFICE]),
        *perimeter.work_from_networks(),
        *data.no_sharing_out("acme.example"),
        *data.no_grants_of_data(),
        *data.keep_buckets_closed(),
        *data.only_read_the_lake(LAKE),
        *data.only_return_results(LAKE),
        *cost.spend_within(cost.FOR_EXPERIMENTS),
        *cost.tag_what_lasts(),
        *cost.keep_tags(),
        *resources.only_our_identities(ORGANIZATION, ["888888888888"]),
        *resources.only_for_us(ORGANIZATION),
        *resources.only_over_tls(),
        *resources.only_from_our_networks(ORGANIZATION, [OFFICE]),
        *resources.only_sessions_of_ours(ORGANIZATION),
        *resources.only_shared_data(LAKE, [UNIT]),
    )
}


CASES = [
    *of_membership.CASES,
    *of_identities.CASES,
    *of_network.CASES,
    *of_sagemaker.CASES,
    *of_perimeter.CASES,
    *of_data.CASES,
    *of_cost.CASES,
    *of_resources.CASES,
]
