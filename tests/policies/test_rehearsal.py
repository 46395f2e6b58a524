"""What the pack reads of the stack that another one has to equal."""

from __future__ import annotations

import json

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.security.inputs.readers import UNKNOWN
from policies.security.inputs.rehearsal import rehearsal

BUCKET = "urn:pulumi:fraud-preproduction::plinth::plinth:storage:PrivateBucket$aws:s3/bucket:Bucket::ml"


def read(path, *resources):
    path.write_text(json.dumps(resources))
    return rehearsal(str(path))


def test_resources_are_read_as_a_state_has_them(tmp_path):
    (subject,) = read(
        tmp_path / "exported.json",
        {"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "inputs": {"forceDestroy": True}, "outputs": {"id": "b"}},
    )
    assert (subject.type, subject.name, subject.urn) == ("aws:s3/bucket:Bucket", "ml", BUCKET)
    assert list(subject.parents) == ["plinth:storage:PrivateBucket"]
    assert subject.properties.tree == {"forceDestroy": True}


def test_what_a_preview_could_not_know_stays_unknown(tmp_path):
    inputs = {"rules": [{"status": UNKNOWN_STRING_VALUE}]}
    (subject,) = read(tmp_path / "previewed.json", {"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "inputs": inputs})
    assert subject.properties.tree == {"rules": [{"status": UNKNOWN}]}


def test_what_is_about_to_go_is_left_out(tmp_path):
    gone = {"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "delete": True}
    assert read(tmp_path / "replaced.json", gone, {"urn": BUCKET, "type": "aws:s3/bucket:Bucket"}) != ()
    assert len(rehearsal(str(tmp_path / "replaced.json"))) == 1


def test_no_file_is_no_rehearsal_and_one_that_cannot_be_read_is_an_error(tmp_path):
    assert rehearsal(None) is None
    with pytest.raises(OSError, match="missing"):
        rehearsal(str(tmp_path / "missing.json"))
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        rehearsal(str(tmp_path / "broken.json"))
