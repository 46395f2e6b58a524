"""The owner whose pods may operate on a stack."""

from __future__ import annotations

import json

import pytest

from components.identity.deployer.resources.accounts import ROLES, TRUSTED_TOKENS
from components.identity.deployer.resources.etl import ETL
from selfservice.clusters.pod_owner import NoPodError, owner_of, refuse_reserved_steps
from selfservice.errors import RefusedError

SHARED, TEAM, MANAGEMENT = "111111111111", "222222222222", "999999999999"


def provider(account, role="OrganizationAccountAccessRole"):
    roles = [{"roleArn": f"arn:aws:iam::{account}:role/{role}"}] if role else []
    inputs = {"allowedAccountIds": json.dumps([account]), "assumeRoles": json.dumps(roles) if roles else None}
    return {"type": "pulumi:providers:aws", "inputs": inputs}


ROOT = {"type": "pulumi:pulumi:Stack"}
API = {"type": "aws:apigateway/account:Account", "inputs": {}}
CLUSTER = {"type": "pulumi:providers:kubernetes", "inputs": {}}


def test_the_owner_is_the_team_of_the_accounts_or_shared():
    assert owner_of("fraud-development", "fraud", [ROOT, provider(TEAM)], {SHARED}) == "fraud"
    assert owner_of("network", None, [ROOT, provider(SHARED)], {SHARED}) == "shared"
    assert owner_of("fraud-data", "fraud", [ROOT, provider(SHARED)], {SHARED}) == "shared"
    assert owner_of("fraud-empty", "fraud", [ROOT], {SHARED}) == "fraud"


@pytest.mark.parametrize("resources", [[ROOT, provider(SHARED), provider(TEAM)], [ROOT, provider(TEAM)]])
def test_a_stack_of_a_shared_account_that_also_deploys_into_accounts_of_a_team_has_no_owner(resources):
    with pytest.raises(NoPodError, match="into accounts of a team and into shared accounts"):
        owner_of("fraud-data", None, resources, {SHARED})


@pytest.mark.threat("T-03")
@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ([], "not deployed yet"),
        ([ROOT, provider(TEAM), provider(SHARED)], "into accounts of fraud and into shared accounts"),
        ([ROOT, provider(TEAM), provider(MANAGEMENT, None)], "the management account"),
        ([ROOT, provider(SHARED), CLUSTER], "the cluster in which the Job would run"),
        ([ROOT, provider(TEAM), API], "resources of API Gateway, which deployers may neither read nor change"),
    ],
)
def test_a_stack_that_no_pod_may_operate_on_is_refused_with_the_reason(resources, reason):
    with pytest.raises(RefusedError, match=f"^fraud-x cannot run with --remote: .*{reason}"):
        owner_of("fraud-x", "fraud", resources, {SHARED})


@pytest.mark.parametrize(
    "type_", [type_ for table in (ETL, TRUSTED_TOKENS) for type_, calls in table.items() if not calls.allowed]
)
def test_a_stack_with_resources_of_which_deployers_may_read_nothing_runs_in_no_pod(type_):
    with pytest.raises(NoPodError, match="which deployers may neither read nor change"):
        owner_of("etl", None, [ROOT, provider(SHARED), {"type": type_, "inputs": {}}], {SHARED})


@pytest.mark.parametrize("step", ["create", "update", "delete"])
@pytest.mark.parametrize("type_", sorted(ROLES))
def test_approved_steps_on_roles_are_refused_where_deployers_have_no_action_for_them(type_, step):
    calls = ROLES[type_]
    approved = [f"{step} urn:pulumi:fraud-x::plinth::plinth:x:Roles${type_}::one"]
    needs_reserved = calls.reserved and not getattr(calls, step)
    if needs_reserved:
        with pytest.raises(NoPodError, match="changes policies or attaches some, which deployers may not do"):
            refuse_reserved_steps("fraud-x", approved)
    else:
        refuse_reserved_steps("fraud-x", approved)
