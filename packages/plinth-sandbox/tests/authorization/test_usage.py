"""The emulator records which permissions roles have used, once each."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.authorization.usage import PERMISSIONS, Record, Use, uses_in

from .judged import Organization, allow

USE = Use(role="arn:aws:iam::111111111111:role/a", action="s3:GetObject", resource="*", statements=("a/Read",))


def test_allowed_actions_of_a_role_are_recorded_with_the_statements_that_allowed_them(
    organization: Organization,
) -> None:
    organization.bucket("used").put_object(Bucket="used", Key="in/a", Body=b"1")
    role = organization.role("used", allow("s3:GetObject", on="arn:aws:s3:::used/in/*") | {"Sid": "Read"})
    s3 = organization.session(role).client("s3")
    for _ in range(2):
        s3.get_object(Bucket="used", Key="in/a")
    with pytest.raises(ClientError):
        s3.get_object(Bucket="used", Key="out/a")
    recorded = [use for use in uses_in(organization.aws.directory / PERMISSIONS) if use.role == role]
    (policy,) = {statement.rpartition("/")[0] for use in recorded for statement in use.statements}
    assert recorded == [
        Use(role=role, action="s3:GetObject", resource="arn:aws:s3:::used/in/a", statements=(f"{policy}/Read",))
    ]


def test_a_record_goes_on_after_a_restart_and_without_the_line_that_a_killed_emulator_began(tmp_path: Path) -> None:
    path = tmp_path / "aws" / PERMISSIONS
    assert list(uses_in(path)) == []
    Record(path).add(USE)
    with path.open("a") as file:
        file.write('{"role": "arn:aws')
    assert list(uses_in(path)) == [USE]
    again = Record(path)
    again.add(USE)
    other = Use(role=USE.role, action="s3:PutObject", resource="*", statements=())
    again.add(other)
    assert list(uses_in(path)) == [USE, other]
