"""The foundation passes its own rules: every resource of every stack, at the level of its kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from policies.evaluation.dispatch import Dispatcher, Finding
from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import Resource, StackContext
from policies.evaluation.rule import EVERY_AWS_RESOURCE, EVERY_RESOURCE, Rule
from policies.evaluation.stack_context import stack_context
from policies.rule_list import RULES
from policies.security.rules.organization.references import ELSEWHERE
from settings.data.dataset import Dataset
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.files.loader import load
from settings.organization.reviews import GithubSettings, ReviewSettings
from settings.organization.source import SourceSettings
from settings.team.team import EnvironmentSettings
from settings.types.aws.exported_accounts import organization_of
from settings.types.kinds import ENVIRONMENTS
from tests.policies.case import Situation
from tests.policies.checking import resource_of, stack_findings
from tests.support.every_stack import (
    DATA_SOURCES,
    DELIVERED,
    Deployment,
    deploy_stack,
    example_deployment,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.nightly import param
from tests.support.recorder import Record, Recorder
from tests.support.variants import CLUSTER, FULLEST, PACKAGES, PLATFORM_IMAGE, PORTAL, REQUESTS, SECOND_REGION
from tests.support.workbench import REPOSITORY

INTERNET = EnvironmentSettings(team="fraud", environment="experimentation", internet_access=True)
TEAMS = [example_team()]
FEATURES = [example_feature_group(shared_with={"fraud": list(ENVIRONMENTS)})]
DATASETS = [
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
ADOPTED = "o-example1234"
"""Id of the organization that the recorder computes."""
VARIANTS = {
    "in one account": example_foundation(
        teams=TEAMS,
        organization=example_organization(placement="small"),
        datasets=DATASETS,
        feature_groups=FEATURES,
    ),
    "in merged accounts, with IAM sign-in and a copy of the lake": example_foundation(
        teams=TEAMS,
        organization=example_organization(placement="medium", sign_in="iam", **SECOND_REGION),
        feature_groups=FEATURES,
    ),
    "with internet for experiments": example_foundation(INTERNET, teams=TEAMS),
    "with internet for experiments and IAM sign-in": example_foundation(
        INTERNET, teams=TEAMS, organization=example_organization(sign_in="iam")
    ),
    "with repositories at GitHub": example_foundation(
        teams=[example_team(use_cases=DELIVERED)],
        organization=example_organization(
            source=SourceSettings(provider="github", namespace="acme"),
            reviews=ReviewSettings(github=GithubSettings(repository="acme/foundation")),
        ),
    ),
    "in an adopted organization": example_foundation(teams=TEAMS, organization=example_organization(id=ADOPTED)),
    "with a Kubernetes cluster": example_foundation(
        teams=TEAMS,
        organization=example_organization(
            tooling_cluster=CLUSTER["tooling_cluster"].model_copy(update={"portal": PORTAL}), **REQUESTS
        ),
    ),
    "with every option": example_foundation(
        teams=[example_team(use_cases=DELIVERED)],
        organization=example_organization(**(FULLEST | CLUSTER | PACKAGES | PLATFORM_IMAGE | REQUESTS)),
        datasets=DATASETS,
        feature_groups=FEATURES,
    ),
    "with shared endpoints, a copy of the lake and packages": example_foundation(
        teams=TEAMS,
        organization=example_organization(endpoints="shared", **SECOND_REGION, **PACKAGES),
        datasets=DATASETS,
    ),
}

REFERENCES = [rule for rule in RULES if rule.id == "OR-09"]
WITHOUT_RESOURCES = (
    {"CA-01", "CB-02", "IA-03", "IA-10", "LM-01", "NW-07", "NW-09"}
    | {f"SM-{number:02}" for number in range(6, 26) if number != 18}
    | {"EK-01", "EK-02", "EK-04", "EK-06", "EK-07", "EK-08"}
    | {f"KU-{number:02}" for number in range(1, 20)}
    | {f"RD-{number:02}" for number in range(1, 6)}
)
"""Rules about types that the example does not create."""


def refusals_in(deployed: Mapping[str, Recorder], foundation: Foundation) -> list[str]:
    return [finding.message for finding in findings_in(deployed, foundation) if finding.level == "mandatory"]


def findings_in(deployed: Mapping[str, Recorder], foundation: Foundation) -> Iterator[Finding]:
    for stack in deployed:
        resources = subjects_in(stack, deployed, foundation)
        for resource in resources:
            yield from Dispatcher(RULES).findings(resource)
        rehearsal = StackIdentity.parse(stack).rehearsal
        rehearsed = rehearsal is not None and rehearsal.name in deployed
        rehearsal_subjects = subjects_in(rehearsal.name, deployed, foundation) if rehearsal and rehearsed else None
        yield from stack_findings(resources, RULES, rehearsal_subjects)


def subjects_in(stack: str, deployed: Mapping[str, Recorder], foundation: Foundation) -> list[Resource]:
    environment = foundation.environments.get(stack)
    team = foundation.teams.get(StackIdentity.parse(stack).team or "")
    dataset = foundation.datasets.get(StackIdentity.parse(stack).dataset or "")
    context = stack_context(
        stack,
        foundation.organization.model_dump_json(by_alias=True, exclude_unset=True),
        json.dumps({"internet_access": environment.internet_access}) if environment else None,
        team.model_dump_json(by_alias=True, exclude_unset=True, exclude={"name"}) if team else None,
        dataset=dataset.model_dump_json(exclude={"name"}, exclude_unset=True) if dataset else None,
        exported=exported_to(stack, deployed, foundation),
    )
    return [subject_of(record, deployed[stack], context) for record in deployed[stack].records]


def exported_to(stack: str, deployed: Mapping[str, Recorder], foundation: Foundation) -> str | None:
    """Returns what upstream stacks export about the organization; None if they are not known or not deployed."""
    upstream = foundation.overview.graph.get(stack)
    if upstream is None or not all(name in deployed for name in upstream):
        return None
    return json.dumps(organization_of(with_unknowns(deployed[name].exports) for name in (*upstream, stack)))


def with_unknowns(value: Any) -> Any:
    """Replaces the program SDK's unknown values, which a first preview contains, by UNKNOWN."""
    if isinstance(value, Mapping):
        return {key: with_unknowns(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_unknowns(inner) for inner in value]
    return UNKNOWN if isinstance(value, pulumi.output.Unknown) else value


def subject_of(record: Record, recorder: Recorder, context: StackContext) -> Resource:
    providers = {other.name: with_unknowns(other.inputs) for other in recorder.records if other.is_provider}
    situation = Situation(
        inputs=with_unknowns(record.inputs),
        context=context,
        # The recorder keeps the provider option of a component. The engine passes no provider for a component.
        provider_name=None if record.is_component else record.provider or None,
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


def test_the_only_advisory_finding_of_the_example_is_missing_macie():
    found = findings_in(example_deployment(), example_foundation())
    advice = [(finding.rule.id, finding.resource.context.kind) for finding in found if finding.level == "advisory"]
    assert advice == [("OR-03", "audit")]


def test_an_audit_stack_with_macie_has_no_findings():
    foundation = example_foundation(organization=example_organization(audit={"macie": True}))
    upstream = example_deployment().outputs_before("audit")
    audit = deploy_stack("audit", foundation, upstream=upstream)
    assert list(findings_in({"audit": audit}, foundation)) == []


def test_every_resource_of_the_example_passes_in_a_first_preview_too():
    """Outputs are unknown then, so only dependencies show which resource a property refers to."""
    first = example_deployment(preview=True)
    assert refusals_in(first, example_foundation()) == []


def test_a_first_preview_of_internet_egress_passes_if_its_upstream_stacks_are_deployed():
    """The gateways have no ids yet, but the accounts do."""
    foundation, stack = VARIANTS["with internet for experiments"], "fraud-experimentation"
    upstream = Deployment(foundation).outputs_before(stack)
    previewed = deploy_stack(stack, foundation, preview=True, upstream=upstream)
    assert refusals_in({stack: previewed}, foundation) == []


def variants() -> Iterator[Any]:
    """The variants, of which those that differ most from the example run for each change."""
    each_change = {"in merged accounts, with IAM sign-in and a copy of the lake", "with a Kubernetes cluster"}
    for name, foundation in VARIANTS.items():
        yield param(foundation, id=name, each_change=name in each_change)


@pytest.mark.parametrize("foundation", list(variants()))
def test_every_resource_of_a_variant_passes_every_rule(foundation):
    assert refusals_in(Deployment(foundation), foundation) == []


@pytest.mark.nightly
def test_types_that_may_name_unknown_accounts_are_those_with_which_stacks_do_so():
    """Without a list of accounts, a type is judged unless the foundation itself names other accounts with it."""
    deployments = [
        (example_deployment(), example_foundation()),
        *((Deployment(variant), variant) for variant in VARIANTS.values()),
    ]
    naming: set[str] = set()
    for deployed, foundation in deployments:
        for stack in deployed:
            untold = [
                replace(subject, context=replace(subject.context, organization_accounts=()))
                for subject in subjects_in(stack, deployed, foundation)
            ]
            naming |= {
                finding.resource.type for subject in untold for finding in Dispatcher(REFERENCES).findings(subject)
            }
            naming |= {finding.resource.type for finding in stack_findings(untold, REFERENCES)}
    assert {type_ for type_ in naming if type_.startswith("aws:")} == ELSEWHERE


def test_the_shortest_settings_of_the_guide_pass_every_rule(tmp_path):
    guide = (REPOSITORY / "docs/guides/configuration.md").read_text()
    files = re.findall(r"```yaml\n# (\S+)\n(.*?)```", guide, re.DOTALL)[:2]
    assert [name for name, _ in files] == ["Pulumi.yaml", "environments/Pulumi.sales.yaml"]
    (tmp_path / "environments").mkdir()
    for name, content in files:
        (tmp_path / name).write_text(content)
    foundation = load(tmp_path)
    assert refusals_in(Deployment(foundation), foundation) == []


def test_the_example_has_resources_for_every_rule():
    types = {record.type for recorder in example_deployment().values() for record in recorder.records}
    idle = {rule.id for rule in RULES if not types & types_of_rule(rule)}
    assert idle <= WITHOUT_RESOURCES


def types_of_rule(rule: Rule) -> set[str]:
    related = {type_ for stack_check in rule.stack_checks for type_ in stack_check.types}
    is_about_all = not {EVERY_AWS_RESOURCE, EVERY_RESOURCE}.isdisjoint(rule.checks)
    return related | set(rule.checks) | ({"aws:s3/bucket:Bucket"} if is_about_all else set())


def test_weakening_a_resource_of_the_example_is_a_finding():
    foundation = example_foundation()
    upstream = example_deployment().outputs_before("fraud-development-studio")
    deployed = deploy_stack("fraud-development-studio", foundation, upstream=upstream, data_sources=DATA_SOURCES)
    domain = deployed.one("aws:sagemaker/domain:Domain")
    domain.inputs["appNetworkAccessType"] = "PublicInternetOnly"
    (finding,) = findings_in({"fraud-development-studio": deployed}, foundation)
    assert (finding.rule.id, finding.resource.name) == ("SM-01", domain.name)


def test_a_public_api_of_the_cluster_is_a_finding():
    foundation = VARIANTS["with a Kubernetes cluster"]
    deployed = Deployment(foundation)["tooling-cluster"]
    cluster = deployed.one("aws:eks/cluster:Cluster")
    cluster.inputs["vpcConfig"] = {**cluster.inputs["vpcConfig"], "endpointPublicAccess": True}
    (finding,) = findings_in({"tooling-cluster": deployed}, foundation)
    assert (finding.rule.id, finding.resource.name) == ("EK-01", cluster.name)


@pytest.mark.requirement("ACC-06.b")
def test_a_production_that_differs_from_pre_production_is_a_finding():
    foundation = example_foundation()
    upstream = example_deployment().outputs_before("fraud-production")
    production = deploy_stack("fraud-production", foundation, upstream=upstream)
    production.one("aws:ec2/vpc:Vpc").inputs["enableDnsSupport"] = False
    deployed = {"fraud-preproduction": example_deployment()["fraud-preproduction"], "fraud-production": production}
    (finding,) = findings_in(deployed, foundation)
    assert finding.rule.id == "ST-14"
    assert "aws:ec2/vpc:Vpc and differs from pre-production in enableDnsSupport; " in finding.message
