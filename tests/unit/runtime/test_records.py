"""How records are written to S3, with errors of S3 that an emulated account does not give on request."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.promotion.records import MOST_ATTEMPTS, Records

KEY = "arn:aws:kms:eu-west-1:123456789012:key/artifacts"


class Bucket:
    """Answers each upload with the next error code; None accepts it."""

    def __init__(self, *codes: str | None) -> None:
        self.codes, self.asked = list(codes), list[dict[str, Any]]()

    def put_object(self, **asked: Any) -> None:
        self.asked.append(asked)
        if (code := self.codes.pop(0)) is not None:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "PutObject")


def records(bucket: Bucket) -> Records:
    return Records(s3=bucket, bucket="b", folder="fraud/scoring", key_arn=KEY)


def test_all_records_are_encrypted_with_the_key_of_the_artifacts() -> None:
    bucket = Bucket(None, None, None, None)
    kept = records(bucket)
    kept.add("a.json", {})
    kept.keep("b.json", {})
    kept.write("c.json", {})
    kept.write_text("d.md", "")
    found = [(request["Key"], request["ServerSideEncryption"], request["SSEKMSKeyId"]) for request in bucket.asked]
    names = ("a.json", "b.json", "c.json", "d.md")
    assert found == [(f"fraud/scoring/promotions/{name}", "aws:kms", KEY) for name in names]


@pytest.mark.requirement("PROM-09")
@pytest.mark.parametrize(
    ("end", "written"), [(None, True), ("PreconditionFailed", False)], ids=["nobody wrote it", "another one wrote it"]
)
def test_a_conflict_does_not_decide_who_writes_a_record_first(end: str | None, written: bool) -> None:
    bucket = Bucket("ConditionalRequestConflict", "ConditionalRequestConflict", end)
    assert records(bucket).add("claim.json", {"execution": "1"}) is written
    assert [request["IfNoneMatch"] for request in bucket.asked] == ["*"] * 3
    assert bucket.codes == []


@pytest.mark.parametrize(
    ("code", "attempts"),
    [("ConditionalRequestConflict", MOST_ATTEMPTS), ("AccessDenied", 1)],
    ids=["conflict", "other"],
)
def test_an_error_that_remains_is_no_answer_about_the_record(code: str, attempts: int) -> None:
    bucket = Bucket(*[code] * (MOST_ATTEMPTS + 1))
    with pytest.raises(ClientError, match=code):
        records(bucket).add("claim.json", {})
    assert len(bucket.asked) == attempts
