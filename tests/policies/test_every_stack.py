"""The foundation passes its own rules: every resource that every stack registers, at the level of its kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from policies.security.dispatch import Dispatcher, Finding
from policies.security.inputs.declared import surroundings
from policies.security.inputs.readers import UNKNOWN
from policies.security.inputs.subject import Subject, Surroundings
from policies.security.rule import EVERY_AWS_RESOURCE, Rule
from policies.security.rule_list import RULES
from settings.data.dataset import Dataset
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.team.team import EnvironmentSettings
from settings.types.kinds import ENVIRONMENTS
from tests.policies.case import Situation
from tests.policies.judgement import findings_together, resource_of
from tests.support.every_stack import (
    Deployment,
    deploy_stack,
    example_deployment,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.recorder import Record, Recorder

INTERNET = EnvironmentSettings(team="fraud", environment="experimentation", internet_access=True)
TEAM = [example_team()]
FEATURES = [example_feature_group(shared_with={"fraud": list(ENVIRONMENTS)})]
OF_BOTH_KINDS = [
    Dataset.model_validate(
        {"owner": "data@acme.example", "classification": "internal", "shared_with": {"fraud": ENVIRONMENTS}, **settings}
    )
    for settings in (
        {"name": "letters", "kind": "objects", "approved": True},
        {
            "name": "visits",
            "columns": [{"name": "amount", "type": "double"}],
            "anonymised": {"columns": ["amount"], "rows": "amount < 100"},
        },
    )
]
VARIANTS = {
    "in one account": example_foundation(
        teams=TEAM,
        organization=example_organization(placement="small"),
        datasets=OF_BOTH_KINDS,
        feature_groups=FEATURES,
    ),
    "in merged accounts, with IAM sign-in": example_foundation(
        teams=TEAM, organization=example_organization(placement="medium", sign_in="iam"), feature_groups=FEATURES
    ),
    "with internet for experiments": example_foundation(INTERNET, teams=TEAM),
    "with internet for experiments and IAM sign-in": example_foundation(
        INTERNET, teams=TEAM, organization=example_organization(sign_in="iam")
    ),
    "with shared endpoints": example_foundation(
        teams=TEAM, organization=example_organization(endpoints="shared"), datasets=OF_BOTH_KINDS
    ),
}

NOTHING_TO_JUDGE = {"IA-03", "IA-10", "NW-07"} | {f"SM-{number:02}" for number in range(6, 26) if number != 18}
"""Rules about what the foundation never makes, or makes only where it is asked to."""


def refusals_in(deployed: Mapping[str, Recorder], foundation: Foundation) -> list[str]:
    return [finding.message for finding in findings_in(deployed, foundation) if finding.level == "mandatory"]


def findings_in(deployed: Mapping[str, Recorder], foundation: Foundation) -> Iterator[Finding]:
    for stack in deployed:
        subjects = subjects_in(stack, deployed, foundation)
        for subject in subjects:
            yield from Dispatcher(RULES).findings(subject)
        rehearsal = StackIdentity.parse(stack).rehearsal
        rehearsed = rehearsal is not None and rehearsal.name in deployed
        rehearsal_subjects = subjects_in(rehearsal.name, deployed, foundation) if rehearsal and rehearsed else None
        yield from findings_together(subjects, RULES, rehearsal_subjects)


def subjects_in(stack: str, deployed: Mapping[str, Recorder], foundation: Foundation) -> list[Subject]:
    environment = foundation.environments.get(stack)
    team = foundation.teams.get(StackIdentity.parse(stack).team or "")
    dataset = foundation.datasets.get(StackIdentity.parse(stack).dataset or "")
    around = surroundings(
        stack,
        foundation.organization.model_dump_json(by_alias=True, exclude_unset=True),
        json.dumps({"internet_access": environment.internet_access}) if environment else None,
        team.model_dump_json(by_alias=True, exclude_unset=True, exclude={"name"}) if team else None,
        dataset=dataset.model_dump_json(exclude={"name"}, exclude_unset=True) if dataset else None,
    )
    return [subject_of(record, deployed[stack], around) for record in deployed[stack].records]


def unknown_as_the_rules_see_it(value: Any) -> Any:
    """In a first preview the program hands over what the SDK of programs calls unknown."""
    if isinstance(value, Mapping):
        return {key: unknown_as_the_rules_see_it(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [unknown_as_the_rules_see_it(inner) for inner in value]
    return UNKNOWN if isinstance(value, pulumi.output.Unknown) else value


def subject_of(record: Record, recorder: Recorder, around: Surroundings) -> Subject:
    providers = {
        other.name: unknown_as_the_rules_see_it(other.inputs) for other in recorder.records if other.is_provider
    }
    situation = Situation(
        inputs=unknown_as_the_rules_see_it(record.inputs),
        surroundings=around,
        provider_name=record.provider or None,
        provider=providers.get(record.provider, {}),
        name=record.name,
        parents=tuple(types_of(record)[:-1]),
        protected=record.protect,
    )
    return replace(resource_of(record.type, situation), urn=record.urn, sources=record.made_from)


def types_of(record: Record) -> list[str]:
    return record.urn.split("::")[2].split("$")


def test_every_resource_of_the_example_passes_every_rule():
    assert refusals_in(example_deployment(), example_foundation()) == []


def test_the_example_is_advised_of_nothing_but_the_search_that_it_leaves_out():
    found = findings_in(example_deployment(), example_foundation())
    advice = [(finding.rule.id, finding.subject.surroundings.kind) for finding in found if finding.level == "advisory"]
    assert advice == [("OR-03", "audit")]


def test_an_organization_that_searches_its_lake_is_advised_of_nothing():
    foundation = example_foundation(organization=example_organization(audit={"macie": True}))
    upstream = example_deployment().outputs_before("audit")
    audit = deploy_stack("audit", foundation, upstream=upstream)
    assert list(findings_in({"audit": audit}, foundation)) == []


def test_every_resource_of_the_example_passes_in_a_first_preview_too():
    """Nothing is known then of what AWS will answer: what a property is made from tells which resource it names."""
    first = example_deployment(preview=True)
    assert refusals_in(first, example_foundation()) == []


def test_a_way_out_that_is_made_with_its_network_passes_when_what_it_depends_on_is_up():
    """Its gateways have no ids yet, and the accounts have."""
    foundation, stack = VARIANTS["with internet for experiments"], "fraud-experimentation"
    upstream = Deployment(foundation).outputs_before(stack)
    previewed = deploy_stack(stack, foundation, preview=True, upstream=upstream)
    assert refusals_in({stack: previewed}, foundation) == []


@pytest.mark.parametrize("foundation", VARIANTS.values(), ids=VARIANTS)
def test_every_resource_of_another_organization_passes_every_rule(foundation):
    assert refusals_in(Deployment(foundation), foundation) == []


def test_the_example_gives_every_rule_something_to_judge():
    types = {record.type for recorder in example_deployment().values() for record in recorder.records}
    idle = {rule.id for rule in RULES if not types & types_of_rule(rule)}
    assert idle <= NOTHING_TO_JUDGE


def types_of_rule(rule: Rule) -> set[str]:
    related = {type_ for relation in rule.relations for type_ in relation.types}
    return related | set(rule.judges) | ({"aws:s3/bucket:Bucket"} if EVERY_AWS_RESOURCE in rule.judges else set())


def test_a_resource_of_the_example_that_is_weakened_is_refused():
    foundation = example_foundation()
    upstream = example_deployment().outputs_before("fraud-development-studio")
    deployed = deploy_stack("fraud-development-studio", foundation, upstream=upstream)
    domain = deployed.one("aws:sagemaker/domain:Domain")
    domain.inputs["appNetworkAccessType"] = "PublicInternetOnly"
    (finding,) = findings_in({"fraud-development-studio": deployed}, foundation)
    assert (finding.rule.id, finding.subject.name) == ("SM-01", domain.name)


@pytest.mark.requirement("ACC-06")
def test_a_production_of_the_example_that_is_not_its_pre_production_is_refused():
    foundation = example_foundation()
    upstream = example_deployment().outputs_before("fraud-production")
    production = deploy_stack("fraud-production", foundation, upstream=upstream)
    production.one("aws:ec2/vpc:Vpc").inputs["enableDnsSupport"] = False
    deployed = {"fraud-preproduction": example_deployment()["fraud-preproduction"], "fraud-production": production}
    (finding,) = findings_in(deployed, foundation)
    assert finding.rule.id == "ST-14"
    assert "aws:ec2/vpc:Vpc and differs from pre-production in enableDnsSupport; " in finding.message
