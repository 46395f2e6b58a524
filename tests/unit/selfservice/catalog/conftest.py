"""A team catalog as the stack ``governance`` creates it, in an emulated account."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT, TABLE


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> Iterator[CatalogItems]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (PARTITION, LOOKUP, SORT)],
            KeySchema=_keys(PARTITION, SORT),
            GlobalSecondaryIndexes=[
                {"IndexName": LOOKUP, "KeySchema": _keys(LOOKUP, SORT), "Projection": {"ProjectionType": "ALL"}}
            ],
        )
        yield CatalogItems(client)


@pytest.fixture
def requests(items: CatalogItems) -> ChangeRequests:
    return ChangeRequests(items)


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
