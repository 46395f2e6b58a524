"""An update may do what was approved, and what is left of it after an interruption."""

from __future__ import annotations

import pytest

from selfservice.operations.operation import Difference
from selfservice.runner.approved_steps import steps_of, unapproved

ROLE, BUCKET = "urn:pulumi:s::p::aws:iam/role:Role::a", "urn:pulumi:s::p::aws:s3/bucket:Bucket::b"


def differences(*steps: tuple[str, str]) -> list[Difference]:
    return [Difference(urn=urn, step=step) for step, urn in steps]


def test_steps_have_the_same_texts_in_any_order() -> None:
    first = steps_of(differences(("create", ROLE), ("update", BUCKET)))
    assert first == steps_of(differences(("update", BUCKET), ("create", ROLE)))
    assert first == [f"create {ROLE}", f"update {BUCKET}"]


@pytest.mark.parametrize(
    ("approved", "done"),
    [
        (("create", ROLE), ("create", ROLE)),
        (("create", ROLE), ("update", ROLE)),
        (("create", ROLE), ("import", ROLE)),
        (("replace", ROLE), ("delete", ROLE)),
        (("update", ROLE), ("update", ROLE)),
    ],
)
def test_what_was_approved_covers_it(approved: tuple[str, str], done: tuple[str, str]) -> None:
    assert unapproved(differences(done), steps_of(differences(approved))) == []


@pytest.mark.parametrize(
    ("approved", "done"),
    [
        (("create", ROLE), ("delete", ROLE)),
        (("create", ROLE), ("replace", ROLE)),
        (("update", ROLE), ("replace", ROLE)),
        (("update", ROLE), ("delete", ROLE)),
        (("update", ROLE), ("create", ROLE)),
        (("create", ROLE), ("create", BUCKET)),
    ],
)
@pytest.mark.threat("T-10")
def test_nobody_approved_it(approved: tuple[str, str], done: tuple[str, str]) -> None:
    assert unapproved(differences(done), steps_of(differences(approved))) == [f"{done[0]} {done[1]}"]
