"""DynamoDB: a transaction that fails changes nothing, and one does not copy what it leaves as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.dynamodb.models.dynamo_type import Item

from plinth_sandbox.emulator.services.dynamodb import patches as transactions

TABLE = "records"


@pytest.fixture(params=[True, False], ids=["with-range-key", "without"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    transactions.patch_moto()
    names = ["p", "s"] if request.param else ["p"]
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            BillingMode="PAY_PER_REQUEST",
        )
        client.meta.names = names
        yield client


def key(client: Any, name: str) -> dict[str, Any]:
    return {attribute: {"S": name} for attribute in client.meta.names}


def put(client: Any, name: str, value: str) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": {**key(client, name), "v": {"S": value}}}}


def update(client: Any, name: str, value: str) -> dict[str, Any]:
    values = {":v": {"S": value}}
    written = {"UpdateExpression": "SET v = :v", "ExpressionAttributeValues": values}
    return {"Update": {"TableName": TABLE, "Key": key(client, name), **written}}


def delete(client: Any, name: str) -> dict[str, Any]:
    return {"Delete": {"TableName": TABLE, "Key": key(client, name)}}


def content(client: Any) -> dict[str, str]:
    return {item["p"]["S"]: item["v"]["S"] for item in client.scan(TableName=TABLE)["Items"]}


def refused(client: Any) -> dict[str, Any]:
    condition = {"ConditionExpression": "attribute_exists(p)"}
    return {"ConditionCheck": {"TableName": TABLE, "Key": key(client, "missing"), **condition}}


@pytest.mark.parametrize("last", [refused, lambda client: put(client, "a", "twice")])
def test_a_transaction_that_fails_changes_nothing(client: Any, last: Callable[[Any], dict[str, Any]]) -> None:
    writes = [put(client, "a", "2"), update(client, "b", "2"), delete(client, "c"), update(client, "d", "2")]
    client.transact_write_items(TransactItems=[put(client, name, "1") for name in "abc"])
    with pytest.raises(ClientError):
        client.transact_write_items(TransactItems=[*writes, last(client)])
    assert content(client) == {"a": "1", "b": "1", "c": "1"}
    client.transact_write_items(TransactItems=writes)
    assert content(client) == {"a": "2", "b": "2", "d": "2"}


def test_a_transaction_copies_what_it_changes_and_not_the_rest(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for start in range(0, 200, 100):
        batch = [put(client, f"n{number}", "1") for number in range(start, start + 100)]
        client.transact_write_items(TransactItems=batch)
    copied: list[Item] = []
    copy = Item.__deepcopy__

    def counted(self: Item, memo: dict[int, Any]) -> Item:
        copied.append(self)
        return copy(self, memo)

    monkeypatch.setattr(Item, "__deepcopy__", counted)
    client.transact_write_items(TransactItems=[update(client, "n1", "2"), put(client, "n2", "2"), delete(client, "n3")])
    assert 0 < len(copied) <= 10
