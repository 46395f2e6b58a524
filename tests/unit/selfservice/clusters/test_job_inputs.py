"""Tests of the inputs of Jobs: content by its digest, and archives of settings."""

from __future__ import annotations

import io
import tarfile

import pytest

from selfservice.clusters.job_input import JobInput
from selfservice.clusters.job_inputs import ChangedInputError, JobInputs, packed, unpack
from selfservice.operations.operation import Action, Operation


class Bucket:
    def __init__(self):
        self.objects = {}

    def put_object(self, *, Bucket, Key, Body):  # noqa: N803 (boto3's)
        self.objects[Key] = Body

    def delete_object(self, *, Bucket, Key):  # noqa: N803 (boto3's)
        del self.objects[Key]

    def get_object(self, *, Bucket, Key):  # noqa: N803 (boto3's)
        return {"Body": io.BytesIO(self.objects[Key])}


def test_content_is_found_by_its_digest_and_other_content_is_refused():
    bucket = Bucket()
    inputs = JobInputs(bucket, "acme-states", "1")
    name = inputs.put(b"settings")
    assert inputs.put(b"settings") == name
    assert (list(bucket.objects), JobInputs(bucket, "acme-states").get(name)) == ([f".plinth/jobs/{name}"], b"settings")
    bucket.objects[f".plinth/jobs/{name}"] = b"other settings"
    with pytest.raises(ChangedInputError, match=name):
        inputs.get(name)


def test_a_run_deletes_what_it_has_stored_and_nothing_of_others():
    bucket = Bucket()
    one, other = JobInputs(bucket, "acme-states", "1"), JobInputs(bucket, "acme-states", "2")
    names = [inputs.put(content) for inputs in (one, other) for content in (b"settings", b"operation")]
    one.remove()
    assert sorted(bucket.objects) == sorted(f".plinth/jobs/{name}" for name in names[2:])
    one.remove()
    assert one.put(b"settings") == names[0]
    assert one.get(names[0]) == b"settings"


def test_an_archive_contains_the_files_and_is_the_same_for_the_same_files(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        (folder / "environments").mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text("name: acme")
        (folder / "environments" / "Pulumi.fraud.yaml").write_text("config: {}")
    archives = [packed(folder, sorted(folder.rglob("*.yaml"), reverse=True)) for folder in (first, second)]
    assert archives[0] == archives[1]
    unpack(archives[0], tmp_path / "there")
    assert (tmp_path / "there" / "environments" / "Pulumi.fraud.yaml").read_text() == "config: {}"


@pytest.mark.parametrize("name", ["../outside", "/outside"])
def test_an_archive_writes_nowhere_else(tmp_path, name):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    if name.startswith("/"):
        unpack(content.getvalue(), tmp_path / "there")
        assert (tmp_path / "there" / "outside").exists()
    else:
        with pytest.raises(tarfile.OutsideDestinationError):
            unpack(content.getvalue(), tmp_path / "there")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("approved", [None, (), ("create a", "update b")])
def test_an_operation_arrives_without_the_paths_of_the_machine_that_asks(tmp_path, approved):
    operation = Operation(
        action=Action.UP, stack="fraud", project_directory=tmp_path, lock_path=tmp_path, fingerprints=tmp_path,
        refresh=True, approved=approved,
    )  # fmt: skip
    asked = JobInput.of(operation, settings="1", program="2")
    assert str(tmp_path) not in asked.as_json()
    assert JobInput.from_json(asked.as_json()) == asked
    assert (asked.action, asked.refresh, asked.approved) == (Action.UP, True, approved)
