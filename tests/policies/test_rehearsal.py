"""Reading the rehearsal file: the resources of pre-production that a production stack must match."""

from __future__ import annotations

import json

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.rehearsal import rehearsal

BUCKET = "urn:pulumi:fraud-preproduction::plinth::plinth:storage:PrivateBucket$aws:s3/bucket:Bucket::ml"


def read(path, *resources):
    path.write_text(json.dumps(resources))
    return rehearsal(str(path))


def test_resources_are_read_from_an_exported_state(tmp_path):
    (resource,) = read(
        tmp_path / "exported.json",
        {"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "inputs": {"forceDestroy": True}, "outputs": {"id": "b"}},
    )
    assert (resource.type, resource.name, resource.urn) == ("aws:s3/bucket:Bucket", "ml", BUCKET)
    assert list(resource.parents) == ["plinth:storage:PrivateBucket"]
    assert resource.properties.tree == {"forceDestroy": True}


def test_unknown_values_of_a_preview_stay_unknown(tmp_path):
    inputs = {"rules": [{"status": UNKNOWN_STRING_VALUE}]}
    (resource,) = read(tmp_path / "previewed.json", {"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "inputs": inputs})
    assert resource.properties.tree == {"rules": [{"status": UNKNOWN}]}


def test_resources_marked_for_deletion_are_ignored(tmp_path):
    gone = {"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "delete": True}
    assert read(tmp_path / "replaced.json", gone, {"urn": BUCKET, "type": "aws:s3/bucket:Bucket"}) != ()
    assert len(rehearsal(str(tmp_path / "replaced.json"))) == 1


def test_no_file_means_no_rehearsal_and_an_unreadable_file_is_an_error(tmp_path):
    assert rehearsal(None) is None
    with pytest.raises(OSError, match="missing"):
        rehearsal(str(tmp_path / "missing.json"))
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        rehearsal(str(tmp_path / "broken.json"))
