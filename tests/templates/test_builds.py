"""How a generated build repository stores builds, lets pipelines register versions, and ends branches."""

import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

COMMIT = "1a2b3c4d5e" * 4
GROUP = "fraud--scoring-feature-drift"


@pytest.fixture(scope="module")
def submission(library):
    return importlib.import_module("plinth_project.build.submission")


def test_what_a_build_stores_is_encrypted_with_the_key_of_the_environment(submission):
    stored = {}
    s3 = SimpleNamespace(put_object=lambda **given: stored.update(given))
    build = submission.Submission(
        root=Path(),
        pipeline="training",
        foundation=SimpleNamespace(development=SimpleNamespace(bucket="ml-dev-fraud", key_arn="key")),
        revision=SimpleNamespace(branch="main", commit=COMMIT),
        definition="",
        registry=None,
        development=SimpleNamespace(client=lambda _: s3),
    )
    build._put("scoring/code/train.py", b"")
    assert (stored["Bucket"], stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == (
        "ml-dev-fraud",
        "aws:kms",
        "key",
    )


def test_a_pipeline_may_register_only_versions_that_wait_for_an_approval(submission, project):
    foundation = importlib.import_module("plinth_project.build.foundation").read_foundation(project)
    (statement,) = submission._registering(foundation, GROUP)["Statement"]
    assert statement["Action"] == "sagemaker:CreateModelPackage"
    assert statement["Condition"] == {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}


@pytest.mark.requirement("AMB-06.c", level="declared")
@pytest.mark.parametrize(("days", "reason"), [(2, ""), (1, "not built for 1 days")])
def test_the_newest_build_of_a_branch_decides_whether_it_has_ended(library, days, reason):
    removal = importlib.import_module("plinth_project.build.branches.removal")
    build_id = importlib.import_module("plinth_project.names").build_id
    at = datetime(2026, 3, 9, tzinfo=UTC)
    builds = [
        SimpleNamespace(branch="feature/drift", commit=COMMIT, build_id=build_id(at - timedelta(days=age), COMMIT))
        for age in (40, 1)
    ]
    assert removal.reason_to_remove(builds, {}, lambda _: False, at, days) == reason
