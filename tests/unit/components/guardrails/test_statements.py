"""Every guardrail statement denies its target requests and no similar ones, evaluated as AWS does."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from components.identity.personas.persona_list import PERSONAS
from components.identity.workloads.bounded_role import ROLE_PATH
from components.organization.guardrails.exceptions import APPROVERS, BREAK_GLASS, PEOPLE
from settings.types.naming import named
from tests.support.action_lists import listed_actions
from tests.support.every_stack import example_deployment
from tests.support.service_authorization import actions
from tests.unit.components.guardrails.cases.actions import DENIED as DENIED_ACTIONS
from tests.unit.components.guardrails.cases.actions import PASSING as PASSING_ACTIONS
from tests.unit.components.guardrails.cases.all import CASES, STATEMENTS
from tests.unit.components.guardrails.cases.decisions import is_denied

SUPPORTED_SERVICES = frozenset(
    {
        "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory", "cloudfront",
        "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity",
        "cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql",
        "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health", "inspector-scan",
        "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor", "notifications", "opensearch",
        "pca-connector-ad", "personalize", "polly", "pricing", "resource-groups", "rolesanywhere", "s3",
        "secretsmanager", "servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract",
        "timestream-influxdb", "transcribe", "transfer", "translate", "wafv2", "workspaces", "xray",
    }
)  # fmt: skip
"""Services whose actions resource control policies apply to, in every region (Organizations User Guide, "List of AWS
services that support RCPs", page of 2026-09-26). Organizations refuses a policy with an action of another service."""

DENIED = [pytest.param(case.sid, asked, id=f"{case.sid}-{n}") for case in CASES for n, asked in enumerate(case.denied)]
PASSES = [pytest.param(case.sid, asked, id=f"{case.sid}-{n}") for case in CASES for n, asked in enumerate(case.passes)]


@pytest.mark.requirement("ACC-09.b")
@pytest.mark.parametrize(("sid", "asked"), DENIED)
def test_a_statement_denies_its_target_requests(sid, asked):
    assert is_denied(sid, asked)


@pytest.mark.parametrize(("sid", "asked"), PASSES)
def test_a_statement_does_not_deny_similar_allowed_requests(sid, asked):
    assert not is_denied(sid, asked)


def test_the_listed_actions_exist_at_aws_and_belong_to_a_statement():
    listed = {
        action
        for table in (DENIED_ACTIONS, PASSING_ACTIONS)
        for lines in table.values()
        for action in listed_actions(*lines)
    }
    assert {action for action in listed if [known.name for known in actions(action)] != [action]} == set()
    assert DENIED_ACTIONS.keys() | PASSING_ACTIONS.keys() <= STATEMENTS.keys()


def test_the_guide_mentions_every_control():
    guide = (Path(__file__).parents[4] / "docs" / "guides" / "guardrails.md").read_text()
    rows = {line.split("|")[1].strip() for line in guide.splitlines() if line.startswith("|")}
    assert {f"{sid[:3]}-{sid[3:5]}" for sid in STATEMENTS} <= rows


def test_every_statement_has_cases_of_both_kinds():
    assert {case.sid for case in CASES if case.denied and case.passes} == STATEMENTS.keys()


def test_every_statement_denies_and_names_the_control_that_it_belongs_to():
    controls = {sid[:5] for sid in STATEMENTS}
    wanted = {f"SCP{number:02}" for number in range(1, 18)} | {f"RCP{number:02}" for number in range(1, 7)}
    assert controls == wanted
    assert {statement.effect for statement in STATEMENTS.values()} == {"Deny"}


def test_resource_control_policies_name_only_services_that_aws_supports_in_them():
    named = {action for sid, statement in STATEMENTS.items() if sid.startswith("RCP") for action in statement.actions}
    assert {action for action in named if action.partition(":")[0] not in SUPPORTED_SERVICES} == set()


def test_only_resource_control_policies_name_principals():
    # Organizations rejects service control policies with principals, and resource control policies without.
    named = {sid for sid, statement in STATEMENTS.items() if statement.principals == "*"}
    assert named == {sid for sid in STATEMENTS if sid.startswith("RCP")}


def test_exempt_people_have_permission_sets_of_these_names():
    sets = {r.inputs["name"] for r in example_deployment()["identity"].all("aws:ssoadmin/permissionSet:PermissionSet")}
    named = [pattern.rpartition("AWSReservedSSO_")[2].removesuffix("_*") for pattern in (BREAK_GLASS[0], APPROVERS[0])]
    assert set(named) <= sets


def test_exempt_people_without_identity_center_have_roles_of_these_names():
    names = [named("role", "people", "tooling", persona.name) for persona in PERSONAS]
    roles = [f"arn:aws:iam::111111111111:role{ROLE_PATH}{name}" for name in names]
    assert [role for role in roles if fnmatchcase(role, APPROVERS[1])] == [r for r in roles if "lead-" in r] != []
    assert [role for role in roles if fnmatchcase(role, BREAK_GLASS[1])] == [r for r in roles if "break-" in r] != []
    assert all(fnmatchcase(role, PEOPLE[1]) for role in roles)


def test_the_guardrail_exempts_exactly_the_personas_that_may_approve():
    type_ = "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy"
    permissions = {r.name: r.inputs["inlinePolicy"] for r in example_deployment()["identity"].all(type_)}
    approving = {name for name, policy in permissions.items() if "sagemaker:UpdateModelPackage" in policy}
    assert approving == {f"{APPROVERS[0].rpartition('AWSReservedSSO_')[2].removesuffix('_*')}-permissions"}
