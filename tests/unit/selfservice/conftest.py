"""A team catalog as the stack ``governance`` creates it, in an emulated account; the settings of the example; and a
process that has ended."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import yaml
from moto import mock_aws

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT, TABLE
from tests.support.workbench import REPOSITORY


@pytest.fixture
def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example organization in a repository of settings alone."""
    described = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
    described["main"] = str(REPOSITORY)
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "Pulumi.yaml").write_text(yaml.safe_dump(described))
    shutil.copytree(REPOSITORY / "environments", tmp_path / "acme" / "environments")
    return tmp_path / "acme"


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
