"""Properties of every resource of every stack of the example organization."""

import json

import pytest

from plinth_sandbox.provider.entry import source_of
from plinth_sandbox.provider.properties.check import check_arguments
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import DURABLE_KINDS
from stacks.shared.outputs import (
    AuditOutputs,
    AuditReplicaOutputs,
    DataCatalogOutputs,
    DataLakeOutputs,
    DatasetOutputs,
    EnvironmentOutputs,
    EtlOutputs,
    GovernanceOutputs,
    IdentityOutputs,
    IntakeOutputs,
    LakeReplicaOutputs,
    NetworkOutputs,
    OrganizationOutputs,
    StudioOutputs,
    TeamDataOutputs,
    TeamOutputs,
    ToolingClusterOutputs,
    ToolingOutputs,
    UseCaseOutputs,
)
from tests.support.docs.document_sizes import documents_of
from tests.support.every_stack import (
    DATA_SOURCES,
    deploy_stack,
    example_deployment,
    example_foundation,
    example_organization,
    records_of_every_stack,
)
from tests.support.service_authorization import findings_in

STACKS = [stack.name for stack in example_foundation().stacks]
UNTAGGED = "aws:organizations/"
CONTRACTS = {
    "organization": OrganizationOutputs,
    "audit": AuditOutputs,
    "network": NetworkOutputs,
    "identity": IdentityOutputs,
    "data-lake": DataLakeOutputs,
    "data-catalog": DataCatalogOutputs,
    "tooling": ToolingOutputs,
    "tooling-cluster": ToolingClusterOutputs,
    "use-case": UseCaseOutputs,
    "governance": GovernanceOutputs,
    "team": TeamOutputs,
    "studio": StudioOutputs,
    "intake": IntakeOutputs,
    "data": TeamDataOutputs,
    "dataset": DatasetOutputs,
    "etl": EtlOutputs,
    "audit-replica": AuditReplicaOutputs,
    "lake-replica": LakeReplicaOutputs,
}
IN_THE_MANAGEMENT_ACCOUNT = ("organization", "identity", "team")


ELSEWHERE = {
    "audit": ("management-recorder",),
    "data": ("api-logging-", "data-api-", "lake-formation-", "links-", "workgroup-"),
    "intake": ("arrivals", "untold"),
    "studio": ("sign-in-",),
    "use-case": (
        "alarms-",
        "lake",
        "monitor-failures",
        "monitoring-",
        "operator",
        "pipeline",
        "predict-",
        "release-",
        "serving-",
        "start-monitor-",
    ),
}
"""Name prefixes of the resources that a kind of stack builds outside its own account."""


def provider_of(stack):
    account = example_foundation().account_of_stack(StackIdentity.parse(stack))
    return example_deployment()[stack].one("pulumi:providers:aws", account.label)


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_uses_the_provider_of_the_stacks_own_account(stack):
    provider = provider_of(stack)
    records = [r for r in example_deployment()[stack].records if not r.is_provider]
    elsewhere = {r.name for r in records if r.provider != provider.name}
    known = ELSEWHERE.get(StackIdentity.parse(stack).kind, ())
    assert elsewhere == {r.name for r in records if r.name.startswith(known)}


@pytest.mark.parametrize("stack", STACKS)
def test_the_provider_allows_one_account_and_assumes_the_organization_access_role(stack):
    identity, inputs = StackIdentity.parse(stack), provider_of(stack).inputs
    (account,) = json.loads(inputs["allowedAccountIds"])
    if identity.kind in IN_THE_MANAGEMENT_ACCOUNT:
        assert account == example_deployment()["organization"].exports["management_account_id"]
        assert "assumeRoles" not in inputs
    else:
        is_shared = identity.account_kind in DURABLE_KINDS
        accounts = example_deployment()["organization" if is_shared else identity.team].exports["accounts"]
        assert account == accounts[identity.account_kind]
        (role,) = json.loads(inputs["assumeRoles"])
        assert role["roleArn"] == f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"


def test_the_sandbox_supports_the_arguments_of_every_data_source_that_a_stack_invokes():
    organization = example_organization(directory_groups="synchronised")
    found = {**DATA_SOURCES, "aws:identitystore/getGroup:getGroup": {"groupId": "found"}}
    upstream = example_deployment().outputs_before("identity")
    synchronised = deploy_stack(
        "identity", example_foundation(organization=organization), upstream=upstream, data_sources=found
    )
    invoked = [call for recorder in [*example_deployment().values(), synchronised] for call in recorder.invoked]
    assert {"aws:identitystore/getGroup:getGroup", "aws:identitystore/getUser:getUser"} <= {
        token for token, _ in invoked
    }
    assert [failure for token, given in invoked for failure in check_arguments(source_of(token), given)] == []


@pytest.mark.requirement("COST-02.a", "COST-02.b")
@pytest.mark.parametrize("stack", STACKS)
def test_everything_is_tagged_with_its_team_environment_and_owner(stack):
    identity = StackIdentity.parse(stack)
    tags = json.loads(provider_of(stack).inputs["defaultTags"])["tags"]
    owner = f"{identity.team}-owner@acme.example" if identity.team else "platform@acme.example"
    assert tags["plinth:team"] == (identity.team or "platform")
    assert tags["plinth:environment"] == (identity.environment or "shared")
    assert tags["plinth:owner"] == owner
    assert tags["plinth:cost-centre"] == ("4711" if identity.team else "0001")
    assert tags.get("plinth:use-case") == identity.use_case


@pytest.mark.requirement("COST-02.a")
def test_no_resource_changes_a_tag_of_its_stack():
    for stack, record in records_of_every_stack():
        own = record.inputs.get("tags") or {}
        everywhere = json.loads(provider_of(stack).inputs["defaultTags"])["tags"]
        if not record.type.startswith(UNTAGGED):
            changed = {key for key, value in own.items() if everywhere.get(key, value) != value}
            assert not changed, f"{stack}: {record.name}"


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_has_the_outputs_of_its_contract(stack):
    contract = CONTRACTS.get(StackIdentity.parse(stack).kind, EnvironmentOutputs)
    exports = example_deployment()[stack].exports
    assert contract.validate(exports).keys() == set(contract.output_names())


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_without_upstream_stacks_shows_the_same_resources(stack):
    previewed, deployed = example_deployment(preview=True)[stack], example_deployment()[stack]
    assert {r.urn for r in previewed.records} == {r.urn for r in deployed.records}


@pytest.mark.parametrize("stack", STACKS)
def test_a_program_reads_the_outputs_of_a_stack_once(stack):
    read = example_deployment()[stack].read
    assert sorted(read) == sorted(set(read))


def test_only_providers_set_a_region():
    assert not [r.name for _, r in records_of_every_stack() if not r.is_provider and "region" in r.inputs]


def test_every_policy_document_fits_its_limit_with_room_to_grow():
    documents = documents_of(example_deployment())
    assert [document for document in documents if document.share > document.largest_share] == []


def test_every_policy_statement_can_match_a_request():
    assert findings_in(example_deployment()) == []
