"""A DynamoDB table with the keys and the indexes of one of the platform, in an emulated account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws


@contextmanager
def emulated_table(
    monkeypatch: pytest.MonkeyPatch, name: str, keys: tuple[str, str], indexes: Mapping[str, str]
) -> Iterator[Any]:
    """Yields a client of DynamoDB, with an empty table.

    ``keys`` are the partition key and the sort key. ``indexes`` contains the partition key of each index by its name.
    """
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client, name, keys, indexes)
        yield client


def create_table(client: Any, name: str, keys: tuple[str, str], indexes: Mapping[str, str]) -> None:
    """Creates an empty table. The arguments are those of :func:`emulated_table`."""
    partition, sort = keys
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in (partition, *indexes.values(), sort)
        ],
        KeySchema=_schema(partition, sort),
        GlobalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": _schema(key, sort), "Projection": {"ProjectionType": "ALL"}}
            for index, key in indexes.items()
        ],
    )


def _schema(partition: str, sort: str) -> Any:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
