"""A small organization is founded where AWS was used before, and grows as the guide says. Nothing that holds data is
replaced, and nothing is orphaned when the first deployment and its provider plugin are killed.

Every step is also tried without the engine, in tests/unit/stacks/every_stack/test_growth.py.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from settings.files.loader import load
from tests.support.data import HOLDS_DATA
from tests.support.guides.follow import follow
from tests.support.guides.pages import GROWING
from tests.support.guides.shell import Shell
from tests.support.guides.steps import sections_of
from tests.support.inventory import ACCOUNT, compare
from tests.support.kills import Kills, notices
from tests.support.used_organization import UsedOrganization
from tests.support.workbench import COMMANDS, REPOSITORY, Workbench

(PAGE,) = GROWING
KEEPING_LINE = re.compile(r"^  (Pulumi\.[\w.-]*yaml), under plinth:(\w+): placement: (.+)$", re.MULTILINE)
HOME, SECOND = "eu-west-1", "eu-central-1"
FORMS = {"owner": "data@corner.example", "classification": "internal", "kind": "objects"}
"""A dataset of objects, which nobody reads."""


@pytest.fixture(scope="module")
def corner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The small example in its first phase. The tests below take it from step to step, in their order."""
    workbench = Workbench.of_small_example(tmp_path_factory.mktemp("corner"), phase="initial")
    workbench.checkpoints = False
    workbench.sandbox("up")
    try:
        yield workbench
    finally:
        workbench.sandbox("down")


@pytest.fixture
def shell(corner: Workbench) -> Iterator[Shell]:
    """A shell in the folder of the settings, connected to the sandbox."""
    environment = corner.environment()
    environment["PATH"] = f"{COMMANDS}{os.pathsep}{environment['PATH']}"
    started = Shell.start(corner.project, environment, corner.root / "shell.log")
    yield started
    started.close()


def follow_section(corner: Workbench, shell: Shell, section: str) -> None:
    """Follows a section of the guide, whose commands may not lose data."""
    held = data(corner)
    follow(PAGE, shell, corner.project, section)
    assert held.items() <= data(corner).items()


def data(corner: Workbench) -> dict[tuple[str, str], str]:
    """Returns the resources that hold data, by stack and URN: the id of each in AWS."""
    return {
        (stack, resource["urn"]): resource["id"]
        for stack in corner.stacks()
        for resource in corner.state(stack)
        if resource["type"] in HOLDS_DATA
    }


def accounts(corner: Workbench) -> set[str]:
    pages = corner.client("organizations").get_paginator("list_accounts").paginate()
    return {account["Name"] for page in pages for account in page["Accounts"]}


def relaxed(corner: Workbench, owner: str) -> list[str]:
    """Returns the relaxed rules of an owner that the management account has on record."""
    name = f"/plinth/relaxed-rules/{owner}"
    return str(corner.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]).splitlines()


def write_the_placements_that_keep_every_stack(corner: Workbench) -> None:
    """Writes the lines that a refusal names, as a person would copy them."""
    said = corner.plinth("preview", "organization", check=False).stderr
    lines: list[Any] = KEEPING_LINE.findall(said)
    assert lines, said
    for file, key, placement in lines:
        if key == "organization":
            corner.change_organization(placement=yaml.safe_load(placement))
        else:
            corner.change_team(file.split(".")[1], placement=yaml.safe_load(placement))


def test_a_preview_works_while_nothing_exists_and_creates_nothing(corner: Workbench) -> None:
    report = json.loads(corner.plinth("preview", "audit", "sales-experimentation", "--json").stdout)
    assert report["changes"].keys() == {"create"}
    assert report["stacks"]["sales-experimentation"]["changes"]["create"] > 50
    organizations = corner.client("organizations")
    with pytest.raises(organizations.exceptions.AWSOrganizationsNotInUseException):
        organizations.describe_organization()


def test_a_quota_that_is_too_small_is_reported_before_anything_is_created(corner: Workbench) -> None:
    ec2: Any = corner.client("ec2")
    others = [ec2.create_vpc(CidrBlock=f"172.2{number}.0.0/16")["Vpc"]["VpcId"] for number in range(4)]
    refused = corner.plinth("up", "sales-experimentation", "--with-needs", "--yes", check=False)
    assert refused.returncode == 2, refused.stdout + refused.stderr
    assert "VPCs per Region (vpc L-F678F1CE) in eu-west-1: 1 needed by sales-experimentation" in refused.stderr
    assert (
        "`aws service-quotas request-service-quota-increase --region eu-west-1 --service-code vpc "
        "--quota-code L-F678F1CE --desired-value 6`" in refused.stderr
    )
    assert corner.stacks() == []
    with pytest.raises(ec2.exceptions.ClientError, match="VpcLimitExceeded"):
        ec2.create_vpc(CidrBlock="172.29.0.0/16")

    shown = corner.plinth("doctor", "--quotas", check=False)
    assert (shown.returncode, "too small" in shown.stdout) == (1, True), shown.stdout + shown.stderr
    quota = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
    requested = corner.client("service-quotas").request_service_quota_increase(**quota, DesiredValue=6)
    assert requested["RequestedQuota"]["Status"] == "PENDING"
    documents = json.loads(corner.plinth("doctor", "--quotas", "--json").stdout)
    (networks,) = (document for document in documents if document["code"] == "L-F678F1CE")
    assert (networks["in_use"], networks["allowed"], networks["verdict"]) == (5, 6, "ok")
    corner.plinth("preview", "sales-experimentation")
    for vpc in others:
        ec2.delete_vpc(VpcId=vpc)


@pytest.fixture(scope="module")
def used(corner: Workbench) -> UsedOrganization:
    return UsedOrganization.create(corner)


def test_an_organization_that_was_used_before_comes_up_unattended_after_kills(
    corner: Workbench, used: UsedOrganization
) -> None:
    kills = Kills(corner)
    assert kills.kill("up", "organization", "--yes", calls=25, victim="plugin")
    assert any("taken over as" in said for said in notices(corner))
    assert kills.kill("up", "organization", "--yes", calls=20)
    said = corner.plinth("up", "sales-experimentation", "--with-needs", "--yes").stdout
    had = {
        "aws:cfg/deliveryChannel:DeliveryChannel": used.channel,
        "aws:cfg/recorder:Recorder": used.recorder,
        "aws:guardduty/detector:Detector": used.detector,
        "aws:iam/serviceLinkedRole:ServiceLinkedRole": used.role_arn,
        "aws:securityhub/account:Account": corner.outputs("organization")["management_account_id"],
    }
    assert had == {resource["type"]: resource["id"] for resource in corner.state("audit") if resource["type"] in had}
    assert sorted(had.values()) == sorted(re.findall(r"adopted as (\S+)$", said, re.MULTILINE))
    assert compare(corner).faults == [("aws:s3/bucket:Bucket", used.bucket)]


def test_what_was_adopted_is_changed_to_the_settings_and_nothing_is_left_to_change(corner: Workbench) -> None:
    (channel,) = corner.client("config").describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3BucketName"] == corner.outputs("audit")["configuration_bucket_name"]
    (detector,) = corner.client("guardduty").list_detectors()["DetectorIds"]
    found = corner.client("guardduty").get_detector(DetectorId=detector)
    assert found["FindingPublishingFrequency"] == "FIFTEEN_MINUTES"
    again = json.loads(corner.plinth("up", "audit", "--yes", "--json").stdout)
    assert again["changes"] == {}


@pytest.mark.requirement("ACC-07.b", "SZ-01.a")
def test_the_next_phase_loses_no_data(corner: Workbench, shell: Shell) -> None:
    follow_section(corner, shell, "Move to the next phase")
    assert set(corner.stacks()) >= {"network", "data-lake", "data-catalog", "tooling", "sales-development"}


@pytest.mark.requirement("ACC-07.b", "SZ-01.a", "SZ-09")
def test_a_larger_placement_is_refused_until_it_says_what_stays_and_then_loses_no_data(
    corner: Workbench, shell: Shell
) -> None:
    before, held = accounts(corner), data(corner)
    follow_section(corner, shell, "Move to a larger placement")
    assert accounts(corner) == before
    write_the_placements_that_keep_every_stack(corner)
    corner.plinth("up", "organization", "identity", "sales", "--yes")
    assert held.items() <= data(corner).items()
    assert corner.outputs("sales")["accounts"]["development"] == corner.outputs("organization")["management_account_id"]


def test_an_environment_moves_to_an_account_of_its_own(corner: Workbench, shell: Shell) -> None:
    before = accounts(corner)
    follow(PAGE, shell, corner.project, "Move an environment to its own account")
    own, management = corner.outputs("sales")["accounts"], corner.outputs("organization")["management_account_id"]
    assert own["development"] == corner.outputs("sales-development")["account_id"] != management
    assert own["experimentation"] == management
    assert accounts(corner) > before


def test_the_data_catalog_of_an_earlier_version_moves_to_its_own_stack_and_stays_the_same(
    corner: Workbench, shell: Shell
) -> None:
    held = identities(corner)
    merge_the_catalog_into_the_lake(corner)
    follow(PAGE, shell, corner.project, "Move the data catalog to its own stack")
    assert identities(corner) == held
    assert set(corner.outputs("data-catalog")["databases"]) == {"historical", "inference"}


def identities(corner: Workbench) -> dict[str, str | None]:
    """The identifiers at AWS of the resources of the data lake and the data catalog, by URN."""
    resources = [*corner.state("data-lake"), *corner.state("data-catalog")]
    return {
        resource["urn"]: resource.get("id")
        for resource in resources
        if not resource["type"].startswith("pulumi:providers:")
    }


def merge_the_catalog_into_the_lake(corner: Workbench) -> None:
    """Writes the state that a version without the stack ``data-catalog`` left: the catalog's resources were in
    ``data-lake`` and depended on its key.

    ``pulumi state move`` cannot do so, because the two stacks have providers of one name with different tags.
    """
    deployment = json.loads(corner.pulumi("stack", "export", "--stack", "data-lake").stdout)
    resources = deployment["deployment"]["resources"]
    (provider,) = (
        f"{candidate['urn']}::{candidate['id']}"
        for candidate in resources
        if candidate["type"] == "pulumi:providers:aws"
    )
    (key,) = (candidate["urn"] for candidate in resources if candidate["type"] == "aws:kms/key:Key")
    moved = [resource for resource in corner.state("data-catalog") if "::plinth:data_lake:" in resource["urn"]]
    for resource in json.loads(json.dumps(moved).replace("data-catalog", "data-lake")):
        if resource["custom"]:
            resource |= {"provider": provider, "dependencies": [*resource.get("dependencies", []), key]}
        resources.append(resource)
    file = corner.root / "data-lake.json"
    file.write_text(json.dumps(deployment))
    corner.pulumi("stack", "import", "--stack", "data-lake", "--file", str(file))
    corner.pulumi("stack", "rm", "data-catalog", "--yes", "--force", "--preserve-config")


@pytest.mark.requirement("AUD-03")
def test_a_second_region_gets_copies_of_new_data_and_logs_and_nothing_is_replaced(corner: Workbench) -> None:
    held = data(corner)
    regions = {"allowed_regions": [HOME, SECOND], "lake": {"replica_region": SECOND}}
    corner.change_organization(**regions, audit={"replica_region": SECOND})
    corner.settings_file("data-lake--forms").write_text(yaml.safe_dump({"config": {"plinth:dataset": FORMS}}))
    corner.plinth("up", "audit-replica", "audit", "data-lake", "lake-replica", "data-lake--forms", "--yes")
    assert held.items() <= data(corner).items()
    lake, lake_copies = corner.outputs("data-lake"), corner.outputs("lake-replica")
    audit, archive_copy = corner.outputs("audit"), corner.outputs("audit-replica")["log_bucket_name"]
    forms = corner.outputs("data-lake--forms")
    assert copied(corner, lake["zone_buckets"]["raw"], "cards/1", lake_copies["zone_buckets"]["raw"])
    assert copied(corner, re.split("/+", forms["locations"]["historical"])[1], "scan", forms["replica_bucket"])
    assert copied(corner, audit["configuration_bucket_name"], "AWSLogs/1/Config/1", archive_copy)
    assert copied(corner, audit["log_bucket_name"], "AWSLogs/1/CloudTrail/1", archive_copy)


def test_the_copy_of_a_log_has_the_key_of_its_region_and_the_retention_of_the_log(corner: Workbench) -> None:
    original = {"Bucket": corner.outputs("audit")["log_bucket_name"], "Key": "AWSLogs/1/CloudTrail/1"}
    outputs = corner.outputs("audit-replica")
    log = corner.client("s3").head_object(**original)
    copy = corner.client("s3", region=SECOND).head_object(**original | {"Bucket": outputs["log_bucket_name"]})
    for member in ("VersionId", "ObjectLockMode", "ObjectLockRetainUntilDate"):
        assert copy[member] == log[member], member
    assert (copy["SSEKMSKeyId"], copy["ReplicationStatus"]) == (outputs["key_arn"], "REPLICA")
    again = json.loads(corner.plinth("preview", "audit-replica", "audit", "lake-replica", "--json").stdout)
    assert {stack: outcome["changes"] for stack, outcome in again["stacks"].items() if outcome["changes"]} == {}


def copied(corner: Workbench, source: str, key: str, target: str) -> bool:
    """Puts an object into a bucket and returns whether a client of the second region reads it from another one."""
    body = f"{source}/{key}".encode()
    corner.client("s3").put_object(Bucket=source, Key=key, Body=body)
    there = corner.client("s3", region=SECOND)
    assert there.get_bucket_location(Bucket=target)["LocationConstraint"] == SECOND
    return bool(there.get_object(Bucket=target, Key=key)["Body"].read() == body)


@pytest.mark.requirement("SZ-09")
def test_an_auditor_reads_in_the_account_what_the_placement_gives_up(corner: Workbench, shell: Shell) -> None:
    follow_section(corner, shell, "Review relaxed requirements")
    rules = [str(rule) for rule in load(corner.project).relaxed_rules]
    of_team = [rule for rule in rules if "(team sales)" in rule]
    assert relaxed(corner, "organization") == [rule for rule in rules if rule not in of_team]
    assert relaxed(corner, "sales") == of_team


@pytest.mark.requirement("GOV-06.a")
def test_a_team_is_removed_once_no_data_is_shared_with_it(corner: Workbench, used: UsedOrganization) -> None:
    account = corner.outputs("sales")["accounts"]["development"]
    corner.change_dataset("forms", approved=True, shared_with={"sales": ["development"]})
    refused = corner.plinth("team", "remove", "sales", "--confirm", "sales", check=False)
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert "Pulumi.data-lake--forms.yaml: shared_with.sales" in refused.stderr
    corner.change_dataset("forms", shared_with={})
    corner.plinth("team", "remove", "sales", "--confirm", "sales")
    assert [stack for stack in corner.stacks() if stack.startswith("sales")] == []
    assert compare(corner).orphaned == [(ACCOUNT, account), ("aws:s3/bucket:Bucket", used.bucket)]


def test_every_section_of_the_guide_with_commands_is_followed_above() -> None:
    assert list(sections_of(REPOSITORY / PAGE)) == [
        "Move to the next phase",
        "Move to a larger placement",
        "Move an environment to its own account",
        "Move the data catalog to its own stack",
        "Review relaxed requirements",
    ]
