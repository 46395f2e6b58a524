"""Tests of accounts and networks of the example organization, with another client than the one that created them."""

from __future__ import annotations

import json
import re
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from selfservice.engine.import_discovery import LOOKUPS, Search
from settings.files.loader import load
from settings.types.kinds import DURABLE_KINDS, ENVIRONMENTS, WORKING_KINDS
from tests.support.workbench import REPOSITORY, Workbench

TEAMS = ("churn", "fraud")
STACKS = [stack.name for stack in load(REPOSITORY).stacks]
OF_TEAMS = [f"{team}-{environment}" for team in TEAMS for environment in ENVIRONMENTS]
LARGEST_STACK = 150


def units_above(organizations: Any, child: str) -> list[str]:
    """Names of the organizational units above an account, nearest first."""
    names = []
    while True:
        (parent,) = organizations.list_parents(ChildId=child)["Parents"]
        if parent["Type"] == "ROOT":
            return names
        child = parent["Id"]
        unit = organizations.describe_organizational_unit(OrganizationalUnitId=child)["OrganizationalUnit"]
        names.append(unit["Name"])


def accounts(acme: Workbench) -> dict[str, dict[str, Any]]:
    pages = acme.client("organizations").get_paginator("list_accounts").paginate()
    return {account["Name"]: account for page in pages for account in page["Accounts"]}


@pytest.mark.requirement("ACC-01.a", "ACC-04.a", "ACC-09.a", "DL-11.a", "PRE-02.a", "PROD-01.a", "SZ-06.a")
def test_the_organization_has_the_durable_accounts_and_four_for_each_team(acme: Workbench) -> None:
    durable = acme.outputs("organization")["accounts"]
    of_teams = [account for team in TEAMS for account in acme.outputs(team)["accounts"].values()]
    found = {account["Id"] for account in accounts(acme).values()}
    management = acme.outputs("organization")["management_account_id"]
    assert found == {management, *durable.values(), *of_teams}
    assert set(durable) - {"organization"} == set(DURABLE_KINDS) - {"organization"}
    assert len(of_teams) == len(set(of_teams)) == 4 * len(TEAMS)


def test_every_account_has_the_name_and_mailbox_of_the_settings(acme: Workbench) -> None:
    wanted = {a.name: str(a.email) for a in load(acme.project).accounts if a.kind != "organization"}
    found = {name: account["Email"] for name, account in accounts(acme).items()}
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.requirement("ACC-05.a")
@pytest.mark.parametrize("team", TEAMS)
def test_only_experimentation_sits_in_the_non_production_unit(acme: Workbench, team: str) -> None:
    organizations = acme.client("organizations")
    above = {e: units_above(organizations, id) for e, id in acme.outputs(team)["accounts"].items()}
    assert {e: units[1:] for e, units in above.items()} == {
        "experimentation": ["NonProduction", "Workloads"],
        "development": ["Production", "Workloads"],
        "preproduction": ["Production", "Workloads"],
        "production": ["Production", "Workloads"],
    }


def test_networks_lie_in_their_teams_blocks_and_never_overlap(acme: Workbench) -> None:
    foundation = load(acme.project)
    networks = []
    for team in TEAMS:
        for environment in ENVIRONMENTS:
            outputs = acme.outputs(f"{team}-{environment}")
            ec2 = acme.client("ec2", outputs["account_id"])
            (vpc,) = ec2.describe_vpcs(VpcIds=[outputs["vpc_id"]])["Vpcs"]
            network = ip_network(vpc["CidrBlock"])
            assert network.subnet_of(foundation.teams[team].cidr)
            networks.append(network)
    assert not any(a.overlaps(b) for i, a in enumerate(networks) for b in networks[:i])


@pytest.mark.requirement("NET-03.b")
@pytest.mark.parametrize("team", TEAMS)
def test_the_studio_domain_of_development_is_private(acme: Workbench, team: str) -> None:
    outputs, studio = acme.outputs(f"{team}-development"), acme.outputs(f"{team}-development-studio")
    sagemaker = acme.client("sagemaker", outputs["account_id"])
    listed = [domain["DomainId"] for domain in sagemaker.list_domains()["Domains"]]
    assert listed == [studio["domain_id"]]
    domain = sagemaker.describe_domain(DomainId=listed[0])
    assert domain["AppNetworkAccessType"] == "VpcOnly"
    assert domain["VpcId"] == outputs["vpc_id"]
    assert sorted(domain["SubnetIds"]) == sorted(outputs["private_subnet_ids"])


@pytest.mark.parametrize("environment", ["preproduction", "production"])
def test_nobody_develops_where_models_are_released(acme: Workbench, environment: str) -> None:
    account = acme.outputs("fraud")["accounts"][environment]
    assert acme.client("sagemaker", account).list_domains()["Domains"] == []


@pytest.mark.requirement("S3-10", "PRE-02.c")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_bucket_is_private_encrypted_and_versioned(acme: Workbench, environment: str) -> None:
    outputs = acme.outputs(f"fraud-{environment}")
    s3 = acme.client("s3", outputs["account_id"])
    bucket = {"Bucket": outputs["bucket_name"]}
    (rule,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == outputs["key_arn"]
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
    statements = json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"]
    tls = [s for s in statements if s.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false"]
    assert [s["Effect"] for s in tls] == ["Deny"]


def test_every_role_of_an_environment_is_bounded(acme: Workbench) -> None:
    outputs = acme.outputs("fraud-development")
    iam = acme.client("iam", outputs["account_id"])
    roles = iam.list_roles(PathPrefix="/plinth/")["Roles"]
    boundaries = {
        role["RoleName"]: iam.get_role(RoleName=role["RoleName"])["Role"].get("PermissionsBoundary", {})
        for role in roles
    }
    assert {role["Arn"] for role in roles} >= set(outputs["role_arns"].values())
    arns = {name: boundary.get("PermissionsBoundaryArn") for name, boundary in boundaries.items()}
    for name in ("platform-deployer", "platform-reviewer"):
        assert arns.pop(name) == f"arn:aws:iam::{outputs['account_id']}:policy/plinth/{name}-boundary"
    assert set(arns.values()) == {outputs["permissions_boundary_arn"]}


@pytest.mark.requirement("COST-02.a")
def test_billable_resources_carry_the_team_and_its_cost_centre(acme: Workbench) -> None:
    outputs = acme.outputs("fraud-development")
    account = outputs["account_id"]
    s3 = acme.client("s3", account).get_bucket_tagging(Bucket=outputs["bucket_name"])["TagSet"]
    domain = acme.client("sagemaker", account).list_tags(
        ResourceArn=f"arn:aws:sagemaker:{outputs['region']}:{account}:domain/{acme.outputs('fraud-development-studio')['domain_id']}"
    )["Tags"]
    (vpc,) = acme.client("ec2", account).describe_vpcs(VpcIds=[outputs["vpc_id"]])["Vpcs"]
    centre = load(acme.project).teams["fraud"].cost_centre
    for tags in (s3, domain, vpc["Tags"]):
        carried = {tag["Key"]: tag["Value"] for tag in tags}
        assert carried["plinth:team"] == "fraud"
        assert carried["plinth:cost-centre"] == centre


def test_durable_accounts_stay_empty_of_what_belongs_to_teams(acme: Workbench) -> None:
    for kind, account in acme.outputs("organization")["accounts"].items():
        if kind == "organization":
            continue
        own = [v["VpcId"] for v in acme.client("ec2", account).describe_vpcs()["Vpcs"] if not v["IsDefault"]]
        assert (kind, own) == (kind, [acme.outputs(kind)["vpc_id"]] if kind in WORKING_KINDS else [])
        buckets = [bucket["Name"] for bucket in acme.client("s3", account).list_buckets()["Buckets"]]
        assert not [name for name in buckets if name.startswith(TEAMS)]
        assert acme.client("sagemaker", account).list_domains()["Domains"] == []


def test_every_resource_lands_in_the_account_of_its_stack(acme: Workbench) -> None:
    strays = []
    for stack in (*WORKING_KINDS, *OF_TEAMS):
        account = acme.outputs(stack)["account_id"]
        for resource in acme.state(stack):
            arn = resource.get("outputs", {}).get("arn", "")
            owner = arn.split(":")[4] if arn.count(":") >= 5 else ""
            if owner not in ("", account):
                strays.append((stack, arn))
    assert not strays


def test_no_stack_grows_past_what_the_engine_handles_well(acme: Workbench) -> None:
    sizes = {stack: len(acme.state(stack)) for stack in STACKS}
    assert all(0 < size <= LARGEST_STACK for size in sizes.values()), sizes


@pytest.mark.requirement("ACC-06.b")
def test_preproduction_and_production_differ_by_configuration_only(acme: Workbench) -> None:
    def shape(environment: str) -> list[tuple[str, str]]:
        found = acme.state(f"fraud-{environment}")
        return sorted(
            (r["type"], r["urn"].split("::")[-1].replace(f"fraud-{environment}", "fraud-environment")) for r in found
        )

    assert shape("preproduction") == shape("production")


def test_what_a_recovery_looks_for_is_found_in_the_account_where_it_is(
    acme: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in acme.environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    looked_for: set[str] = set()
    for stack in (
        "organization",
        "audit",
        "identity",
        "network",
        "fraud",
        "fraud-experimentation",
        "fraud-experimentation-studio",
    ):
        resources = acme.state(stack)
        search = Search({"resources": resources})
        # A key that has its alias is some other's: test_recovery has one without.
        known = [r for r in resources if r["type"] in LOOKUPS and r["type"] != "aws:kms/key:Key"]
        found = {r["urn"]: LOOKUPS[r["type"]](r["inputs"], search.account_of(r)) for r in known}
        assert found == {r["urn"]: r["id"] for r in known}
        looked_for |= {r["type"] for r in known}
    services = {type_.split("/")[0].removeprefix("aws:") for type_ in looked_for}
    assert {"ec2", "guardduty", "iam", "networkfirewall", "organizations", "ram", "route53", "ssoadmin"} <= services


def test_states_name_the_line_that_declares_a_resource_and_no_folder_outside_of_the_project(acme: Workbench) -> None:
    frames = [
        [frame["sourcePosition"] for frame in resource.get("stackTrace", [])]
        for stack in STACKS
        for resource in acme.state(stack)
        if resource["type"] != "pulumi:pulumi:Stack"  # the SDK registers it before the program starts
    ]
    assert {len(each) for each in frames} == {0, 1}
    assert [at for each in frames for at in each if not re.search(r"/(components|stacks)/[\w/]+\.py#\d+$", at)] == []


PACK = """
import json, os
from pulumi_policy import EnforcementLevel, PolicyPack, StackValidationPolicy

def tell(_arguments, report):
    told = json.loads(os.environ["PLINTH_ORGANIZATION"])
    report(" ".join([told["id"], *told["accounts"]]))

PolicyPack("told", [StackValidationPolicy(name="told", description="What it is told", validate=tell)],
           enforcement_level=EnforcementLevel.ADVISORY)
"""


@pytest.mark.threat("T-16")
def test_policy_packs_are_told_the_organization_and_its_accounts_as_far_as_a_stack_depends_on_them(
    acme: Workbench, tmp_path: Path
) -> None:
    """A pack of another program hears what the own one hears: accounts of the organization, and of the own team."""
    described = {"name": "told", "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}}}
    (tmp_path / "PulumiPolicy.yaml").write_text(json.dumps(described))
    (tmp_path / "__main__.py").write_text(PACK)
    said = acme.plinth("preview", "fraud-experimentation", "--policy-pack", str(tmp_path)).stdout
    organization, fraud = acme.outputs("organization"), acme.outputs("fraud")
    told = {organization["management_account_id"], *organization["accounts"].values(), *fraud["accounts"].values()}
    assert " ".join([organization["organization_id"], *sorted(told)]) in " ".join(said.split())


def test_the_assessment_names_what_the_team_without_a_use_case_lacks_and_nothing_else(acme: Workbench) -> None:
    found = json.loads(acme.plinth("assess", "--json").stdout)
    assert {
        capability["name"]: capability["missing_for"]
        for capability in found["capabilities"]
        if capability["deployed"] < capability["needed"]
    } == {
        "use case with repositories, builds and model registry": ["churn"],
        "promotion with two approvals": ["churn"],
        "alarms of models that reach people": ["churn"],
    }
    assert (found["phase"], found["reached"]) == ("scalable", "initial")
