"""The script of the example's dataset, as far as it needs no Spark: what becomes of a row in Feature Store."""

from __future__ import annotations

import sys
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from unittest.mock import MagicMock

import pytest
import yaml

from tests.support.workbench import REPOSITORY

ON_GLUE = ("dataset_job", "pyspark", "pyspark.sql")
ROW = {"card_number": "c-1", "observed_at": "2026-03-01T12:00:00Z", "payments_1h": 3, "spent_24h": 9.5,
       "countries_7d": 1}  # fmt: skip


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, imported where neither its library nor Spark is."""
    for name in ON_GLUE:
        monkeypatch.setitem(sys.modules, name, MagicMock())
    found = spec_from_file_location("card_payments", REPOSITORY / "etl" / "card_payments.py")
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def declared(name: str) -> dict[str, object]:
    text = (REPOSITORY / "environments" / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    (settings,) = yaml.safe_load(text)["config"].values()
    return dict(settings)


@pytest.mark.requirement("FS-03.a")
def test_a_record_has_every_feature_of_the_group_and_no_other(script: ModuleType) -> None:
    features = declared("features--card-activity")["features"]
    assert isinstance(features, list)
    record = script.record(ROW)
    assert [value["FeatureName"] for value in record] == [feature["name"] for feature in features]
    assert {value["FeatureName"]: value["ValueAsString"] for value in record} == {
        "card": "c-1", "observed_at": "2026-03-01T12:00:00Z", "payments_1h": "3", "spent_24h": "9.5",
        "countries_7d": "1",
    }  # fmt: skip


@pytest.mark.requirement("FS-03.a")
def test_every_row_of_a_partition_is_put_into_the_group(script: ModuleType) -> None:
    store, row = MagicMock(), MagicMock()
    row.asDict.return_value = ROW
    script.fill("card-activity", iter([row, row]), store)
    assert store.put_record.call_count == 2
    store.put_record.assert_called_with(FeatureGroupName="card-activity", Record=script.record(ROW))


def test_a_week_is_read_before_the_first_day_that_was_met(script: ModuleType) -> None:
    days = script.week_before(date(2026, 3, 1), date(2026, 3, 2))
    assert (days[0], days[-1], len(days)) == ("day=2026-03-02/", "day=2026-02-22/", 9)


def test_the_dataset_has_the_columns_that_features_are_made_of() -> None:
    columns = declared("data-lake--card-payments")["columns"]
    assert isinstance(columns, list)
    assert {"card_number", "taken_at", "amount", "country"} <= {column["name"] for column in columns}
