"""Planted violations in the real engine, with the policy pack enabled as the command line enables it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from plinth_sandbox.waiting import LONGEST_SECONDS
from policies.evaluation.rehearsal import VARIABLE
from policies.rule_list import PACK_NAME, RULES
from tests.policies.planted import preview_provider
from tests.policies.planted.violations import (
    AUDIT,
    CLUSTER,
    DATASET,
    DEVELOPMENT,
    FURTHER_VIOLATIONS,
    IDENTITY,
    PLANTED,
    PREPRODUCTION,
    PRODUCTION,
    STACKS,
    TEAM,
    VIOLATIONS,
)
from tests.support.workbench import REPOSITORY, Workbench

RULE = {rule.id: rule for rule in RULES}
PACK = REPOSITORY / "policies" / "security"
PROGRAM = REPOSITORY / "tests" / "policies" / "planted"

REQUIREMENTS = {
    "IA-10": "TOOL-06.b",
    "NW-01": "DEV-03.c",
    "OR-05": "COST-02.c",
    "SE-01": "PER-17.b",
    "SM-14": "RT-07.c",
}
"""Clause of the ledger that a rule is about."""

NO_KIND = "fraud_sandbox"
PUBLISHER = "333333333333"
"""Account of the images and models of planted jobs, which the settings name."""


@dataclass(frozen=True)
class Outcome:
    succeeded: bool
    output: str
    events: list[dict[str, Any]]

    @property
    def findings(self) -> list[dict[str, Any]]:
        return [event["policyEvent"] for event in self.events if "policyEvent" in event]

    @property
    def violations(self) -> list[tuple[str, str]]:
        """Returns the rule's id and title, and the rest of the message, for each finding."""
        lines = [finding["message"].splitlines()[-1] for finding in self.findings]
        return [(rule, violation) for rule, _, violation in (line.partition(": ") for line in lines)]


@dataclass(frozen=True)
class PlantedProject:
    workbench: Workbench
    attached: Mapping[str, str]
    """Variables with which the stack of a cluster is previewed without a cluster."""

    def pulumi(self, command: str, planted: str, stack: str, *flags: str, rehearsal: Path | None = None) -> Outcome:
        log = self.workbench.root / f"{planted} {command}.json".replace(" ", "-")
        environment = self.workbench.environment() | ({VARIABLE: str(rehearsal)} if rehearsal else {})
        environment |= self.attached if stack == CLUSTER else {}
        done = subprocess.run(
            [
                "pulumi",
                command,
                "--stack",
                stack,
                "--policy-pack",
                PACK,
                "--event-log",
                log,
                "--non-interactive",
                *flags,
            ],
            cwd=self.workbench.project,
            env=environment | {"PLANTED": planted, "PULUMI_DEBUG_COMMANDS": "true"},
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
        )
        events = [json.loads(line) for line in log.read_text().splitlines()]
        return Outcome(done.returncode == 0, done.stdout + done.stderr, events)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlantedProject]:
    workbench = Workbench(tmp_path_factory.mktemp("planted"))
    workbench.project.mkdir()
    (workbench.project / "Pulumi.yaml").write_text(yaml.safe_dump(settings()))
    workbench.sandbox("up")
    try:
        for stack in (*STACKS, PREPRODUCTION, IDENTITY, NO_KIND, DATASET):
            workbench.pulumi("stack", "init", stack)
        declared = yaml.safe_load((REPOSITORY / "environments" / f"Pulumi.{DATASET}.yaml").read_text())
        dataset = json.dumps(declared["config"]["plinth:dataset"])
        workbench.pulumi("config", "set", "--stack", DATASET, "plinth:dataset", dataset)
        with preview_provider.serving("aws", "kubernetes") as attached:
            yield PlantedProject(workbench, attached)
    finally:
        workbench.sandbox("down")


def settings() -> Mapping[str, Any]:
    project = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
    runtime = {"name": "python", "options": {"virtualenv": str(Path(sys.prefix))}}
    project["config"]["plinth:organization"]["value"]["partner_accounts"] = [PUBLISHER]
    return {"name": "planted", "main": str(PROGRAM), "runtime": runtime, "config": project["config"]}


@pytest.fixture(scope="module")
def rehearsal(project: PlantedProject) -> Path:
    """Resources of pre-production from a real preview."""
    rehearsed = project.pulumi("preview", "a rehearsal", PREPRODUCTION)
    steps = [event["resOutputsEvent"]["metadata"] for event in rehearsed.events if "resOutputsEvent" in event]
    file = project.workbench.root / "rehearsal.json"
    file.write_text(json.dumps([step["new"] for step in steps if step["new"]]))
    return file


@pytest.fixture(scope="module")
def refusals(project: PlantedProject, rehearsal: Path) -> Callable[[str], Outcome]:
    """Previews a stack once, with one resource for each rule, named after the rule and violating it."""
    return cache(lambda stack: project.pulumi("preview", f"every rule of {stack}", stack, rehearsal=rehearsal))


def on_its_day(stack: str) -> tuple[pytest.MarkDecorator, ...]:
    """Returns the marks of a test that previews a stack. Three of four rules are planted in one stack."""
    return () if stack == DEVELOPMENT else (pytest.mark.nightly,)


def cases() -> Iterator[Any]:
    for rule in RULES:
        cited = REQUIREMENTS.get(rule.id)
        marks = [pytest.mark.requirement(cited)] if cited else []
        yield pytest.param(rule, marks=[*marks, *on_its_day(VIOLATIONS[rule.id].stack)], id=rule.id)


@pytest.mark.requirement("GOV-09.b", "AMB-14.c")
@pytest.mark.parametrize("rule", list(cases()))
def test_a_real_preview_refuses_a_planted_violation(refusals, rule):
    violation = VIOLATIONS[rule.id]
    outcome = refusals(violation.stack)
    start = f"{rule.id} {rule.title}: {violation.named or rule.id} "
    bites = [finding for finding in outcome.findings if start in finding["message"]]
    assert bites, outcome.output
    assert {finding["policyPackName"] for finding in bites} == {PACK_NAME}
    assert {(bite["enforcementLevel"], bite["severity"]) for bite in bites} == {("mandatory", rule.severity)}


@pytest.mark.parametrize(
    ("rule", "violation"),
    [pytest.param(rule, v, id=f"{rule} {v.named}", marks=on_its_day(v.stack)) for rule, v in FURTHER_VIOLATIONS],
)
def test_a_real_preview_refuses_further_violations_of_a_rule(refusals, rule, violation):
    found = refusals(violation.stack).findings
    start = f"{rule} {RULE[rule].title}: {violation.named or rule} "
    levels = {finding["enforcementLevel"] for finding in found if start in finding["message"]}
    assert "mandatory" in levels


@pytest.mark.nightly
def test_an_advisory_finding_is_printed_and_stops_nothing(refusals):
    found = [finding for finding in refusals(AUDIT).findings if "without Macie" in finding["message"]]
    assert [(finding["enforcementLevel"], finding["policyName"]) for finding in found] == [
        ("advisory", "advisory-stack-rules")
    ]


@pytest.mark.parametrize("stack", [pytest.param(stack, marks=on_its_day(stack)) for stack in STACKS])
def test_a_real_preview_has_no_findings_other_than_the_planted_violations(refusals, stack):
    outcome = refusals(stack)
    assert not outcome.succeeded
    found = {(rule.split()[0], violation.split()[0]) for rule, violation in outcome.violations}
    planted = [(rule, violation) for rule, violation in PLANTED if violation.stack == stack]
    expected = {(rule, violation.named or rule) for rule, violation in planted}
    assert found == expected | {
        (other, violation.named or rule) for rule, violation in planted for other in violation.also
    }


@pytest.mark.nightly
@pytest.mark.requirement("DL-06.a", "DL-09.d")
def test_a_real_preview_refuses_a_policy_and_a_grant_for_undeclared_readers(refusals):
    violations = refusals(VIOLATIONS["ST-10"].stack).violations
    assert {violation for rule, violation in violations if rule.startswith("ST-10 ")} == {
        "ST-10 allows reading that bypasses Lake Formation; grant access to the zones by LF-tag only",
        "ST-10 matches tables that are not shared with its reader; "
        "require the team's LF-tag with the reader's environment",
    }


def test_every_rule_has_a_planted_violation():
    assert set(VIOLATIONS) == {rule.id for rule in RULES}


def test_a_compliant_program_passes_a_real_preview(project):
    outcome = project.pulumi("preview", "no rule", DEVELOPMENT)
    assert outcome.violations == []
    assert outcome.succeeded, outcome.output


@pytest.mark.nightly
def test_a_compliant_workload_of_kubernetes_passes_a_real_preview(project):
    outcome = project.pulumi("preview", "a workload", CLUSTER)
    assert "kubernetes:batch/v1:CronJob runner create" in outcome.output
    assert [found for found in outcome.violations if found[0].startswith(("KU-", "OR-08"))] == [], outcome.output


@pytest.mark.nightly
@pytest.mark.requirement("ACC-05.c")
def test_a_development_account_in_the_experimentation_unit_stops_a_first_preview(project):
    outcome = project.pulumi("preview", "development beside experiments", TEAM)
    assert not outcome.succeeded, outcome.output
    assert outcome.violations == [
        (
            "OR-04 Accounts are in their unit, have contacts and are never closed on deletion",
            "development is outside the production unit; set parentId to the production unit",
        )
    ]
    (finding,) = outcome.findings
    assert finding["policyName"] == "high-stack-rules"
    assert finding["resourceUrn"].endswith("::development")


@pytest.mark.requirement("DEV-03.c")
def test_a_nat_gateway_in_development_stops_a_preview(project):
    outcome = project.pulumi("preview", "a gateway", DEVELOPMENT)
    assert not outcome.succeeded, outcome.output
    assert outcome.violations == [
        (
            "NW-01 Networks have no internet egress",
            "planted gives the network internet egress; remove it; use the VPC endpoints for AWS services",
        )
    ]


@pytest.mark.nightly
@pytest.mark.requirement("INT-08.a")
def test_an_environment_that_may_write_outside_its_results_folder_stops_a_preview(project):
    kept = project.pulumi("preview", "results in the own folder", DATASET)
    assert kept.violations == [], kept.output
    outcome = project.pulumi("preview", "results in another folder", DATASET)
    assert not outcome.succeeded, outcome.output
    assert {(rule.split()[0], violation) for rule, violation in outcome.violations} == {
        ("S3-09", "planted allows another account to write data; limit the statement to results/*"),
        (
            "ST-10",
            "planted accepts results in another reader's folder; give each environment of the team its own folder",
        ),
    }


@pytest.mark.nightly
def test_a_role_without_boundary_stops_a_preview(project):
    outcome = project.pulumi("preview", "a role without boundary", DEVELOPMENT)
    assert not outcome.succeeded, outcome.output
    assert outcome.violations == [
        (
            "IA-04 Roles have the platform's permissions boundary and path",
            "planted does not have the platform's permissions boundary; set permissionsBoundary to the environment's",
        )
    ]


@pytest.mark.nightly
@pytest.mark.requirement("ACC-06.b")
def test_a_production_that_differs_from_pre_production_stops_a_preview(project, rehearsal):
    outcome = project.pulumi("preview", "a production that is not rehearsed", PRODUCTION, rehearsal=rehearsal)
    assert not outcome.succeeded, outcome.output
    assert {rule for rule, _ in outcome.violations} == {"ST-14 Production matches pre-production"}
    said = dict(violation.split(" ", 1) for _, violation in outcome.violations)
    assert said["management"].startswith("leaves production without aws:cloudwatch/logGroup:LogGroup, aws:sagemaker/")
    assert said["baseline"].endswith("and pre-production has none; bring it up in pre-production first")
    assert {finding["policyName"] for finding in outcome.findings} == {"high-stack-rules"}


@pytest.mark.nightly
def test_an_endpoint_with_supporting_resources_passes_a_first_preview_and_one_without_notification_does_not(project):
    about_serving = ("SM-13", "SM-14", "SM-15", "SM-16", "SM-17", "ST-08")
    kept = project.pulumi("preview", "a model in service", PRODUCTION)
    assert "aws:sagemaker:MonitoringSchedule planted create" in kept.output
    assert [violation for violation in kept.violations if violation[0].startswith(about_serving)] == [], kept.output
    outcome = project.pulumi("preview", "a model without notification", PRODUCTION)
    (violation,) = [violation for rule, violation in outcome.violations if rule.startswith(about_serving)]
    missing = (
        f"alarm on {what} that notifies a subscribed topic" for what in ("errors", "latency", "load", "disk or memory")
    )
    assert violation == f"planted has no {', '.join(missing)}; add the missing resources for this endpoint"


@pytest.mark.nightly
@pytest.mark.threat("T-16")
def test_a_value_unknown_in_preview_is_refused_before_the_resource_is_created(project):
    previewed = project.pulumi("preview", "unknown", IDENTITY)
    assert previewed.violations == []
    assert previewed.succeeded, previewed.output

    deployed = project.pulumi("up", "unknown", IDENTITY, "--yes", "--skip-preview")
    assert not deployed.succeeded, deployed.output
    assert {rule.split()[0] for rule, _ in deployed.violations} == {"S3-07", "ST-06"}, deployed.output
    made = {resource["type"] for resource in project.workbench.state(IDENTITY)}
    assert "aws:kms/key:Key" in made
    assert "aws:s3/bucketPolicy:BucketPolicy" not in made


@pytest.mark.nightly
def test_a_stack_name_without_a_kind_counts_as_production(project):
    outcome = project.pulumi("preview", "a domain", NO_KIND)
    assert [rule.split()[0] for rule, _ in outcome.violations] == ["SM-05"], outcome.output
