"""Evidence names the versions, approvals, jobs and logs of a team, and stays readable."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.evidence import Evidence, EvidenceRecords
from selfservice.catalog.items import CatalogItems
from selfservice.decommission import evidence
from selfservice.engine.account_access import Account
from selfservice.errors import RefusedError
from selfservice.promotions.promotion import Approval, Promotion, StageRun
from selfservice.reports.lineage.versions import has_no_settings
from selfservice.request_tables.runner_process import RunnerProcess
from settings.files.loader import load
from tests.support.workbench import REPOSITORY

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ONE = RunnerProcess("one.example", 1, "1")


@pytest.mark.requirement("GOV-06.c", "PER-11.b")
def test_versions_of_all_groups_of_a_use_case_are_kept_and_those_of_others_are_not(account: Account) -> None:
    client = account.client("sagemaker")
    for group in ("fraud--scoring-main", "fraud--scoring-feature-x", "fraud--scorings-main"):
        client.create_model_package_group(ModelPackageGroupName=group)
        client.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus="Approved",
            CustomerMetadataProperties={"commit": "abc", "auc": "0.9"},
        )
    found = {version.name: version for version in evidence._versions(account, "fraud--scoring-")}
    assert sorted(found) == ["fraud--scoring-feature-x/1", "fraud--scoring-main/1"]
    kept = found["fraud--scoring-main/1"]
    assert (kept.details["status"], kept.details["metadata"]["commit"]) == ("Approved", "abc")
    assert datetime.fromisoformat(kept.details["registered"]).tzinfo is not None


def test_a_promotion_is_kept_with_who_approved_it_and_why_but_without_tokens() -> None:
    approval = Approval(answer="approved", by="ben", at="2026-11-23T12:00:00+00:00", comment="good", token="secret")
    promotion = Promotion(
        use_case="fraud--scoring",
        execution="e1",
        status="Succeeded",
        started="2026-11-23T11:00:00+00:00",
        started_by="rule",
        version=3,
        commit="abc",
        stages=(StageRun(stage="Preproduction", status="Succeeded", approval=approval),),
    )
    kept = evidence._promotion(promotion)
    assert (kept.kind, kept.name) == ("promotion", "fraud--scoring/e1")
    (given,) = kept.details["approvals"]
    assert (given["by"], given["comment"], "token" in given) == ("ben", "good", False)


def test_jobs_and_log_groups_are_kept_with_their_account(account: Account) -> None:
    account.client("logs").create_log_group(logGroupName="/aws/sagemaker/TrainingJobs")
    account.client("sagemaker").create_processing_job(
        ProcessingJobName="drift",
        RoleArn=f"arn:aws:iam::{account.id}:role/x",
        AppSpecification={"ImageUri": "image"},
        ProcessingResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
    )
    found = [*evidence._jobs(account), *evidence._log_groups(account)]
    assert [(job.kind, job.name) for job in found] == [
        ("job", "processing/drift"),
        ("log group", "123456789012:/aws/sagemaker/TrainingJobs"),
    ]
    assert {job.details["account"] for job in found} == {account.id}


def test_evidence_is_written_once_and_read_in_order(items: CatalogItems) -> None:
    records = EvidenceRecords(items)
    for id_ in ("20261123T120000Z-00000001", "20261124T120000Z-00000001"):
        claimed(items, id_)
    facts = [Evidence(kind="version", name="a/2"), Evidence(kind="log group", name="1:/aws/x#y", details={"bytes": 1})]
    for _ in range(2):
        assert records.write("claims", "20261123T120000Z-00000001", facts, runner=str(ONE)) == 2
    last = [Evidence(kind="account", name="1")]
    records.write("claims", "20261124T120000Z-00000001", last, runner=str(ONE))
    found = records.read("claims")
    assert [(fact.kind, fact.name) for fact in found] == [
        ("log group", "1:/aws/x#y"), ("version", "a/2"), ("account", "1"),
    ]  # fmt: skip
    assert found[0].document() == {
        "kind": "log group", "name": "1:/aws/x#y", "request": "20261123T120000Z-00000001", "bytes": 1,
    }  # fmt: skip
    assert records.read("fraud") == []


@pytest.mark.threat("T-09")
def test_a_runner_that_has_lost_the_request_writes_no_evidence(items: CatalogItems) -> None:
    id_, records, facts = "20261123T120000Z-00000001", EvidenceRecords(items), [Evidence(kind="account", name="1")]
    claimed(items, id_)
    with pytest.raises(RefusedError, match=f"another runner works on the request {id_} now"):
        records.write("claims", id_, facts, runner="other.example 2 2")
    assert records.read("claims") == []


def claimed(items: CatalogItems, id_: str) -> None:
    """Adds a request that the first runner holds."""
    requests = ChangeRequests(items)
    requests.add("ada", "{}", id_=id_, now=NOW)
    (change,) = (open_change for open_change in requests.open_changes() if open_change.id == id_)
    assert requests.claim(change, ONE, NOW)


def test_a_group_of_a_former_team_or_use_case_is_looked_up_without_settings() -> None:
    foundation = load(Path(REPOSITORY))
    assert has_no_settings(foundation, "fraud--retired-main")
    assert has_no_settings(foundation, "sales--scoring-main")
    assert not has_no_settings(foundation, "fraud--scoring-main")
    assert not has_no_settings(foundation, "card-payments")
