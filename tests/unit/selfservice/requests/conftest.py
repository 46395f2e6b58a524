"""A table of requests as the stack ``tooling`` creates it, in an emulated account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from selfservice.requests.request_table import RequestTable
from settings.data.request_layout import OPEN, PARTITION, QUEUE, SORT, TABLE


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (PARTITION, QUEUE, SORT)],
            KeySchema=_keys(PARTITION, SORT),
            GlobalSecondaryIndexes=[
                {"IndexName": OPEN, "KeySchema": _keys(QUEUE, SORT), "Projection": {"ProjectionType": "ALL"}}
            ],
        )
        yield client


@pytest.fixture
def table(dynamodb: Any) -> RequestTable:
    return RequestTable(dynamodb)


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
