import json

import pytest

from components.identity.iam.statements import Statement
from components.organization.cost_budget import CostBudget, CostBudgetArgs
from components.organization.enterprise import Enterprise, EnterpriseArgs
from components.organization.guardrail import Guardrail, GuardrailArgs
from components.organization.member_account import MemberAccount, MemberAccountArgs
from components.organization.policy_limits import document, max_characters, size
from settings.types.aws.document_limits import ORGANIZATION_POLICIES
from tests.support.recorder import deploy

ORGANIZATIONS = "aws:organizations/organization:Organization"
ACCOUNT = "aws:organizations/account:Account"
UNIT = "aws:organizations/organizationalUnit:OrganizationalUnit"
POLICY = "aws:organizations/policy:Policy"
ATTACHMENT = "aws:organizations/policyAttachment:PolicyAttachment"
SHARING = "aws:ram/sharingWithOrganization:SharingWithOrganization"
BUDGET = "aws:budgets/budget:Budget"


def enterprise(**changes):
    return Enterprise("enterprise", EnterpriseArgs(**{"unit_paths": ["Workloads", "Workloads/Production"]} | changes))


def account(**changes):
    args = {"account_name": "acme-audit", "email": "aws+audit@acme.example", "unit_id": "ou-1", "tags": {}}
    return MemberAccount("audit", MemberAccountArgs(**args | changes))


def guardrail(*given, **changes):
    args = {
        "policy_name": "plinth-test",
        "description": "",
        "documents": [document([statement]) for statement in given],
        "targets": {"data": "ou-1", "tooling": "ou-2"},
    }
    return Guardrail("guardrail", GuardrailArgs(**args | changes))


def test_every_kind_of_guardrail_can_be_attached():
    inputs = deploy(enterprise).one(ORGANIZATIONS).inputs
    assert inputs["featureSet"] == "ALL"
    assert {"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY"} <= set(inputs["enabledPolicyTypes"])


def test_sharing_with_the_organization_is_enabled_and_outlives_the_stack_of_an_adopted_one():
    sharing = deploy(enterprise).one(SHARING)
    assert (sharing.name, sharing.retain_on_delete) == ("enterprise-sharing", False)
    assert deploy(lambda: enterprise(adopted_id="o-adopted12345")).one(SHARING).retain_on_delete is True


def test_units_are_nested_as_their_paths_specify():
    recorder = deploy(enterprise)
    top, nested = recorder.all(UNIT)
    assert (top.inputs["name"], top.inputs["parentId"]) == ("Workloads", "r-root")
    assert nested.inputs["name"] == "Production"
    assert nested.inputs["parentId"].startswith("ou-")


def test_a_unit_before_its_parent_is_refused():
    with pytest.raises(ValueError, match="Workloads/Production comes before its parent Workloads"):
        EnterpriseArgs(unit_paths=["Workloads/Production", "Workloads"])


@pytest.mark.requirement("ACC-01.b")
def test_existing_resources_are_adopted_by_id_and_others_are_created():
    assert deploy(enterprise).one(ORGANIZATIONS).import_id == ""
    assert deploy(lambda: enterprise(adopted_id="o-adopted123")).one(ORGANIZATIONS).import_id == "o-adopted123"
    assert deploy(account).one(ACCOUNT).import_id == ""
    adopted = deploy(lambda: account(adopted_id="444444444444")).one(ACCOUNT)
    assert adopted.import_id == "444444444444"
    # A difference in these would replace the account, which means losing it. The command line may adopt any account.
    assert set(adopted.ignore_changes) == set(deploy(account).one(ACCOUNT).ignore_changes) == {"email", "roleName"}


@pytest.mark.requirement("ACC-03.a")
def test_durable_accounts_are_protected_and_no_account_is_closed_by_a_deployment():
    durable, fleeting = deploy(account).one(ACCOUNT), deploy(lambda: account(durable=False)).one(ACCOUNT)
    assert (durable.protect, fleeting.protect) == (True, False)
    assert (durable.retain_on_delete, fleeting.retain_on_delete) == (False, True)
    assert durable.inputs["closeOnDeletion"] is False
    assert fleeting.inputs["closeOnDeletion"] is False


def test_the_owner_is_notified_of_actual_and_forecast_spending():
    accounts = {"production": "444444444444", "development": "555555555555"}
    args = CostBudgetArgs(budget_name="fraud", accounts=accounts, monthly_limit_usd=500, owner="o@acme.example")
    recorder = deploy(lambda: CostBudget("budget", args))
    budget = recorder.one(BUDGET, "budget").inputs
    assert budget["costFilters"] == [{"name": "LinkedAccount", "values": list(accounts.values())}]
    assert (budget["limitAmount"], budget["timeUnit"]) == ("500", "MONTHLY")
    shares = {b.inputs["name"]: b.inputs["limitAmount"] for b in recorder.all(BUDGET) if b.name != "budget"}
    assert shares == {"fraud-production": "250", "fraud-development": "250"}
    notices = {(n["notificationType"], n["threshold"]) for n in budget["notifications"]}
    assert notices == {("ACTUAL", 80), ("FORECASTED", 100)}
    assert all(n["subscriberEmailAddresses"] == ["o@acme.example"] for n in budget["notifications"])


def test_a_policy_is_attached_to_each_of_its_targets():
    deny = Statement(sid="Deny", effect="Deny", actions=["ec2:*"], resources=["*"])
    attachments = deploy(lambda: guardrail(deny)).all(ATTACHMENT)
    assert {a.inputs["targetId"] for a in attachments} == {"ou-1", "ou-2"}


def test_a_policy_is_serialized_without_white_space():
    deny = Statement(sid="Deny", effect="Deny", actions=["ec2:*"], resources=["*"])
    content = deploy(lambda: guardrail(deny)).one(POLICY).inputs["content"]
    assert content == json.dumps(json.loads(content), separators=(",", ":"))


@pytest.mark.parametrize("type_", ORGANIZATION_POLICIES)
def test_a_policy_longer_than_the_limit_is_refused_with_both_sizes(type_):
    limit = max_characters(type_)
    fixed = size({"": ""})

    def of(length):
        args = {"policy_name": "plinth-long", "description": "", "targets": {}, "type": type_}
        return GuardrailArgs(**args, documents=[{"": "x" * length}])

    assert of(limit - fixed)
    with pytest.raises(ValueError, match=f"plinth-long: a policy has {limit + 1:,} characters, AWS takes {limit:,}"):
        of(limit - fixed + 1)


def test_a_second_policy_leaves_the_first_and_its_attachments_alone():
    deny = [Statement(sid=sid, effect="Deny", actions=["ec2:*"], resources=["*"]) for sid in ("First", "Second")]
    one, two = (deploy(lambda given=given: guardrail(*given)) for given in (deny[:1], deny))
    before = {record.urn: record.inputs for record in one}
    after = {record.urn: record.inputs for record in two}
    assert {urn: after[urn] for urn in before} == before
    assert [p.inputs["name"] for p in two.all(POLICY)] == ["plinth-test", "plinth-test-2"]
