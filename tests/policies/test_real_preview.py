"""Planted violations in front of the real engine, with the pack as the command line switches it on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.security.inputs.rehearsal import VARIABLE
from policies.security.rule_list import PACK_NAME, RULES
from tests.policies.planted.violations import (
    AUDIT,
    DATASET,
    DEVELOPMENT,
    IDENTITY,
    OTHER_SIDES,
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

REQUIREMENTS = {"NW-01": "DEV-03", "OR-05": "COST-02"}
NO_KIND = "fraud_sandbox"


@dataclass(frozen=True)
class Outcome:
    succeeded: bool
    output: str
    events: list[dict[str, Any]]

    @property
    def findings(self) -> list[dict[str, Any]]:
        return [event["policyEvent"] for event in self.events if "policyEvent" in event]

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        """Of every finding the rule's id and title, and what it says about which resource."""
        lines = [finding["message"].splitlines()[-1] for finding in self.findings]
        return [(rule, verdict) for rule, _, verdict in (line.partition(": ") for line in lines)]


@dataclass(frozen=True)
class PlantedProject:
    workbench: Workbench

    def pulumi(self, command: str, planted: str, stack: str, *flags: str, rehearsal: Path | None = None) -> Outcome:
        log = self.workbench.root / f"{planted} {command}.json".replace(" ", "-")
        environment = self.workbench.environment() | ({VARIABLE: str(rehearsal)} if rehearsal else {})
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
            timeout=120,
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
        yield PlantedProject(workbench)
    finally:
        workbench.sandbox("down")


def settings() -> Mapping[str, Any]:
    project = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
    runtime = {"name": "python", "options": {"virtualenv": str(Path(sys.prefix))}}
    return {"name": "planted", "main": str(PROGRAM), "runtime": runtime, "config": project["config"]}


@pytest.fixture(scope="module")
def rehearsal(project: PlantedProject) -> Path:
    """What a real preview says that pre-production would be."""
    rehearsed = project.pulumi("preview", "a rehearsal", PREPRODUCTION)
    steps = [event["resOutputsEvent"]["metadata"] for event in rehearsed.events if "resOutputsEvent" in event]
    file = project.workbench.root / "rehearsal.json"
    file.write_text(json.dumps([step["new"] for step in steps if step["new"]]))
    return file


@pytest.fixture(scope="module")
def refusals(project: PlantedProject, rehearsal: Path) -> Mapping[str, Outcome]:
    """One preview for each stack, in which every rule that bites there is broken by a resource of the rule's name."""
    return {stack: project.pulumi("preview", f"every rule of {stack}", stack, rehearsal=rehearsal) for stack in STACKS}


def cases() -> Iterator[Any]:
    for rule in RULES:
        cited = REQUIREMENTS.get(rule.id)
        yield pytest.param(rule, marks=[pytest.mark.requirement(cited)] if cited else [], id=rule.id)


@pytest.mark.requirement("GOV-09")
@pytest.mark.parametrize("rule", list(cases()))
def test_a_planted_violation_is_refused_in_a_real_preview(refusals, rule):
    violation = VIOLATIONS[rule.id]
    outcome = refusals[violation.stack]
    start = f"{rule.id} {rule.title}: {violation.named or rule.id} "
    bites = [finding for finding in outcome.findings if start in finding["message"]]
    assert bites, outcome.output
    assert {finding["policyPackName"] for finding in bites} == {PACK_NAME}
    assert {(bite["enforcementLevel"], bite["severity"]) for bite in bites} == {("mandatory", rule.severity)}


@pytest.mark.parametrize(("rule", "violation"), OTHER_SIDES, ids=[f"{rule} {v.named}" for rule, v in OTHER_SIDES])
def test_a_rule_refuses_its_other_sides_in_a_real_preview_too(refusals, rule, violation):
    found = refusals[violation.stack].findings
    start = f"{rule} {RULE[rule].title}: {violation.named or rule} "
    levels = {finding["enforcementLevel"] for finding in found if start in finding["message"]}
    assert "mandatory" in levels


def test_what_is_only_advised_is_printed_and_refuses_nothing(refusals):
    found = [finding for finding in refusals[AUDIT].findings if "without Macie" in finding["message"]]
    assert [(finding["enforcementLevel"], finding["policyName"]) for finding in found] == [
        ("advisory", "advice-on-relations")
    ]


@pytest.mark.parametrize("stack", STACKS)
def test_a_real_preview_refuses_what_is_planted_and_nothing_else(refusals, stack):
    outcome = refusals[stack]
    assert not outcome.succeeded
    found = {(rule.split()[0], verdict.split()[0]) for rule, verdict in outcome.verdicts}
    planted = [(rule, violation) for rule, violation in PLANTED if violation.stack == stack]
    expected = {(rule, violation.named or rule) for rule, violation in planted}
    assert found == expected | {(other, rule) for rule, violation in planted for other in violation.also}


@pytest.mark.requirement("DL-06", "DL-09")
def test_a_policy_and_a_grant_past_the_sharing_map_are_both_refused_in_a_real_preview(refusals):
    verdicts = refusals[VIOLATIONS["ST-10"].stack].verdicts
    assert {verdict for rule, verdict in verdicts if rule.startswith("ST-10 ")} == {
        "ST-10 lets others read past Lake Formation; leave reading the zones to grants by tag",
        "ST-10 finds tables that are not shared with its reader; ask for the team's tag and its environment",
    }


def test_every_rule_has_a_planted_violation():
    assert set(VIOLATIONS) == {rule.id for rule in RULES}


def test_a_program_that_keeps_every_rule_passes_a_real_preview(project):
    outcome = project.pulumi("preview", "no rule", DEVELOPMENT)
    assert outcome.verdicts == []
    assert outcome.succeeded, outcome.output


@pytest.mark.requirement("ACC-05")
def test_a_development_account_in_the_unit_of_experiments_stops_a_first_preview(project):
    outcome = project.pulumi("preview", "development beside experiments", TEAM)
    assert not outcome.succeeded, outcome.output
    assert outcome.verdicts == [
        (
            "OR-04 Accounts lie in their unit, answer to somebody and are never closed by a deletion",
            "development lies outside the unit of production; set parentId to the production unit",
        )
    ]
    (finding,) = outcome.findings
    assert finding["policyName"] == "high-relations"
    assert finding["resourceUrn"].endswith("::development")


@pytest.mark.requirement("DEV-03")
def test_a_nat_gateway_in_development_stops_a_preview(project):
    outcome = project.pulumi("preview", "a gateway", DEVELOPMENT)
    assert not outcome.succeeded, outcome.output
    assert outcome.verdicts == [
        (
            "NW-01 Networks have no way to the internet",
            "planted opens a way to the internet; remove it; AWS services are reached through the endpoints of the VPC",
        )
    ]


@pytest.mark.requirement("INT-08")
def test_an_environment_that_may_write_to_the_lake_beside_its_results_stops_a_preview(project):
    kept = project.pulumi("preview", "results where they land", DATASET)
    assert kept.verdicts == [], kept.output
    outcome = project.pulumi("preview", "results where others lay things down", DATASET)
    assert not outcome.succeeded, outcome.output
    assert {(rule.split()[0], verdict) for rule, verdict in outcome.verdicts} == {
        ("S3-09", "planted lets another account write data; confine the statement to results/*"),
        (
            "ST-10",
            "planted takes results into a folder of others; give each environment of the team its own folder",
        ),
    }


def test_a_role_without_boundary_stops_a_preview(project):
    outcome = project.pulumi("preview", "a role without boundary", DEVELOPMENT)
    assert not outcome.succeeded, outcome.output
    assert outcome.verdicts == [
        (
            "IA-04 Roles have the platform's permissions boundary and path",
            "planted is not held by the platform's boundary; set permissionsBoundary to the environment's",
        )
    ]


@pytest.mark.requirement("ACC-06")
def test_a_production_that_pre_production_is_not_stops_a_preview(project, rehearsal):
    outcome = project.pulumi("preview", "a production that is not rehearsed", PRODUCTION, rehearsal=rehearsal)
    assert not outcome.succeeded, outcome.output
    assert {rule for rule, _ in outcome.verdicts} == {"ST-14 Production is what pre-production is"}
    said = dict(verdict.split(" ", 1) for _, verdict in outcome.verdicts)
    assert said["management"].startswith("leads to production without aws:cloudwatch/logGroup:LogGroup, aws:sagemaker/")
    assert said["baseline"].endswith("and pre-production has none; bring it up in pre-production first")
    assert {finding["policyName"] for finding in outcome.findings} == {"high-relations"}


def test_an_endpoint_with_all_that_keeps_it_up_passes_a_first_preview_and_one_of_which_nobody_hears_does_not(project):
    about_serving = ("SM-13", "SM-14", "SM-15", "SM-16", "SM-17", "ST-08")
    kept = project.pulumi("preview", "a model in service", PRODUCTION)
    assert "aws:sagemaker:MonitoringSchedule planted create" in kept.output
    assert [verdict for verdict in kept.verdicts if verdict[0].startswith(about_serving)] == [], kept.output
    outcome = project.pulumi("preview", "a model of which nobody hears", PRODUCTION)
    (verdict,) = [verdict for rule, verdict in outcome.verdicts if rule.startswith(about_serving)]
    missing = (
        f"an alarm on {what} that rolls it back and tells a subscribed topic"
        for what in ("errors", "latency", "load", "disk or memory")
    )
    assert verdict == f"planted lacks {', '.join(missing)}; add what is missing, for this endpoint by name"


def test_what_a_preview_cannot_know_is_stopped_before_it_is_made(project):
    previewed = project.pulumi("preview", "unknown", IDENTITY)
    assert previewed.verdicts == []
    assert previewed.succeeded, previewed.output

    deployed = project.pulumi("up", "unknown", IDENTITY, "--yes", "--skip-preview")
    assert not deployed.succeeded, deployed.output
    assert [rule.split()[0] for rule, _ in deployed.verdicts] == ["S3-07"], deployed.output
    made = {resource["type"] for resource in project.workbench.state(IDENTITY)}
    assert "aws:kms/key:Key" in made
    assert "aws:s3/bucketPolicy:BucketPolicy" not in made


def test_a_stack_whose_name_says_no_kind_is_judged_as_production(project):
    outcome = project.pulumi("preview", "a domain", NO_KIND)
    assert [rule.split()[0] for rule, _ in outcome.verdicts] == ["SM-05"], outcome.output
