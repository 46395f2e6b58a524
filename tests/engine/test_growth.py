"""An organization that was used before comes up, and grows by phases and by placements, and nothing that it has is
replaced: the real engine says so.

Every step of either is tried without the engine, in tests/unit/stacks/every_stack/test_growth.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from settings.files.loader import load
from settings.organization.placement import PresetName
from tests.support.data import HOLDS_DATA
from tests.support.used_organization import UsedOrganization
from tests.support.workbench import Workbench

CATALOG = (
    "plinth:data_lake:LakeFormationSettings::lake-formation",
    "plinth:data_lake:ProtectedCatalogue::catalogue",
    "plinth:data_lake:PublishedZones::published",
)
"""The components that the changelog moves from ``data-lake`` to ``data-catalog``."""
KEEPING_LINE = re.compile(r"^  (Pulumi\.[\w.-]*yaml), under plinth:(\w+): placement: (.+)$", re.MULTILINE)
HOME, SECOND = "eu-west-1", "eu-central-1"
FORMS = {"owner": "data@corner.example", "classification": "internal", "kind": "objects"}
"""A dataset of objects, which nobody reads."""
LOSSES = {"create-replacement", "delete", "delete-replaced", "replace"}
"""Steps of the engine after which the resource is not the same, or no more."""


@pytest.fixture(scope="module")
def corner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The small example in its first phase. The tests below take it from step to step, in their order."""
    workbench = Workbench.of_small_example(tmp_path_factory.mktemp("corner"), phase="initial")
    workbench.sandbox("up")
    try:
        yield workbench
    finally:
        workbench.sandbox("down")


def lost_by_update(corner: Workbench, *stacks: str) -> set[tuple[tuple[str, str], str]]:
    """Updates these stacks, and returns what held data and was replaced or deleted."""
    held = data(corner)
    corner.plinth("up", *stacks, "--yes")
    return set(held.items() - data(corner).items())


def preview(corner: Workbench, *stacks: str) -> None:
    """Previews these stacks, which must not replace or delete what holds data.

    Other things may go: the assignments of people to an account where a kind no longer lands, or a network's own name
    rules once those of the network account take their place.
    """
    report = json.loads(corner.plinth("preview", *stacks, "--json").stdout)
    losing = [stack for stack, outcome in report["stacks"].items() if LOSSES & outcome["changes"].keys()]
    assert {(stack, type_) for stack in losing for type_ in types_lost(corner, stack) & HOLDS_DATA} == set()


def types_lost(corner: Workbench, stack: str) -> set[str]:
    steps = json.loads(corner.pulumi("preview", "--stack", stack, "--json").stdout)["steps"]
    lost = {step["urn"].split("::")[-2].split("$")[-1] for step in steps if step["op"] in LOSSES}
    assert lost, f"{stack}: the command line counted losses, and plain Pulumi has none"
    return lost


def data(corner: Workbench) -> dict[tuple[str, str], str]:
    """What holds data, by stack and URN: its identifier at AWS."""
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
    """What the management account has on record."""
    name = f"/plinth/relaxed-rules/{owner}"
    return str(corner.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]).splitlines()


def place(corner: Workbench, preset: PresetName) -> str:
    """Write a placement and nothing else; what the command line says of it, which must be no."""
    corner.change_organization(placement=preset)
    done = corner.plinth("up", "--all", "--yes", check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    return done.stderr


def write(corner: Workbench, said: str) -> None:
    """Write the lines that the refusal named, as a person would copy them."""
    lines: list[Any] = KEEPING_LINE.findall(said)
    assert lines, said
    for file, key, placement in lines:
        if key == "organization":
            corner.change_organization(placement=yaml.safe_load(placement))
        else:
            corner.change_team(file.split(".")[1], placement=yaml.safe_load(placement))


@pytest.fixture(scope="module")
def used(corner: Workbench) -> UsedOrganization:
    return UsedOrganization.create(corner)


def test_an_organization_that_was_used_before_comes_up_unattended(corner: Workbench, used: UsedOrganization) -> None:
    said = corner.plinth("up", "--all", "--yes").stdout
    had = {
        "aws:cfg/deliveryChannel:DeliveryChannel": used.channel,
        "aws:cfg/recorder:Recorder": used.recorder,
        "aws:guardduty/detector:Detector": used.detector,
        "aws:iam/serviceLinkedRole:ServiceLinkedRole": used.role_arn,
        "aws:securityhub/account:Account": corner.outputs("organization")["management_account_id"],
    }
    assert had == {resource["type"]: resource["id"] for resource in corner.state("audit") if resource["type"] in had}
    assert sorted(had.values()) == sorted(re.findall(r"adopted as (\S+)$", said, re.MULTILINE))


def test_what_was_adopted_is_changed_to_the_settings_and_nothing_is_left_to_change(corner: Workbench) -> None:
    (channel,) = corner.client("config").describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3BucketName"] == corner.outputs("audit")["configuration_bucket_name"]
    (detector,) = corner.client("guardduty").list_detectors()["DetectorIds"]
    found = corner.client("guardduty").get_detector(DetectorId=detector)
    assert found["FindingPublishingFrequency"] == "FIFTEEN_MINUTES"
    again = json.loads(corner.plinth("up", "organization", "audit", "--yes", "--json").stdout)
    assert again["changes"] == {}


@pytest.mark.requirement("ACC-07", "SZ-01")
def test_from_the_first_phase_to_the_last_no_data_is_lost(corner: Workbench) -> None:
    corner.change_organization(phase="scalable")
    stacks = ("organization", "identity", "network", "sales", "sales-development", "data-lake", "data-catalog")
    assert lost_by_update(corner, *stacks) == set()


def test_the_data_catalog_of_an_earlier_version_moves_to_its_own_stack_and_stays_the_same(corner: Workbench) -> None:
    """Takes the steps of the changelog."""
    held = identities(corner)
    merge_the_catalog_into_the_lake(corner)
    corner.pulumi("stack", "init", "--no-select", "data-catalog")
    moved = [f"urn:pulumi:data-lake::plinth::{component}" for component in CATALOG]
    corner.pulumi("state", "move", "--source", "data-lake", "--dest", "data-catalog", "--yes", *moved)
    report = json.loads(corner.plinth("preview", "data-lake", "data-catalog", "--json").stdout)
    assert report["stacks"]["data-lake"]["changes"] == {}
    changes = report["stacks"]["data-catalog"]["changes"]
    # The engine creates its own provider, with which the program reads the outputs of `data-lake`.
    assert changes == {"create": 1, "update": changes["update"]}
    corner.plinth("up", "data-lake", "data-catalog", "--yes")
    assert identities(corner) == held
    assert set(corner.outputs("data-catalog")["databases"]) == {"historical", "inference"}


def identities(corner: Workbench) -> dict[str, str | None]:
    """The identifiers at AWS of the resources of the data lake and the data catalog, by URN."""
    resources = [*corner.state("data-lake"), *corner.state("data-catalog")]
    return {one["urn"]: one.get("id") for one in resources if not one["type"].startswith("pulumi:providers:")}


def merge_the_catalog_into_the_lake(corner: Workbench) -> None:
    """Writes the state that a version without the stack ``data-catalog`` left: the catalog's resources were in
    ``data-lake`` and depended on its key.

    ``pulumi state move`` cannot do so, because the two stacks have providers of one name with different tags.
    """
    deployment = json.loads(corner.pulumi("stack", "export", "--stack", "data-lake").stdout)
    resources = deployment["deployment"]["resources"]
    (provider,) = (f"{one['urn']}::{one['id']}" for one in resources if one["type"] == "pulumi:providers:aws")
    (key,) = (one["urn"] for one in resources if one["type"] == "aws:kms/key:Key")
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
def test_an_auditor_reads_in_the_account_what_the_placement_gives_up(corner: Workbench) -> None:
    assert relaxed(corner, "organization") == [str(rule) for rule in load(corner.project).relaxed_rules]
    assert relaxed(corner, "sales") == ["none"]


@pytest.mark.requirement("ACC-07", "SZ-01", "SZ-09")
def test_a_larger_placement_is_refused_until_it_says_what_stays_and_then_loses_no_data(corner: Workbench) -> None:
    before = accounts(corner)
    said = place(corner, "large")
    assert "\n  sales-development: organization -> sales-development\n" in said
    assert "\n  audit: organization -> audit\n" in said
    assert accounts(corner) == before
    write(corner, said)
    updated = ("organization", "identity", "sales")
    assert lost_by_update(corner, *updated) == set()
    preview(corner, *sorted(set(corner.stacks()) - set(updated)))
    assert accounts(corner) > before
    assert corner.outputs("sales")["accounts"]["development"] == corner.outputs("organization")["management_account_id"]
    assert any("(team sales)" in rule for rule in relaxed(corner, "sales"))


def test_what_comes_later_lands_where_the_placement_says(corner: Workbench) -> None:
    own = corner.outputs("sales")["accounts"]
    assert own["production"] != corner.outputs("organization")["management_account_id"]
    assert own["experimentation"] == corner.outputs("organization")["management_account_id"]
