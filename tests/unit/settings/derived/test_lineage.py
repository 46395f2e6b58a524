"""Sources, refresh schedules and declared uses of datasets."""

from __future__ import annotations

from typing import Any

import pytest

from settings.data.dataset import Dataset
from settings.derived.lineage import DatasetUse, catalog_parameters, declared_uses, refresh_schedule, sources_of
from settings.team.team import EnvironmentSettings


def dataset(**given: Any) -> Dataset:
    columns = [{"name": "amount", "type": "int"}]
    said = {"name": "cards", "owner": "cards@acme.example", "classification": "internal", "columns": columns}
    return Dataset.model_validate(said | given)


def made(**unit: Any) -> dict[str, Any]:
    return {"sources": ["cards"], "script": "etl/cards.py", **unit}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "whenever its owner writes it"),
        ({"etl": {"sources": ["cards"], "crawl": True}}, "whenever its owner writes it"),
        ({"etl": made()}, "when something lands"),
        ({"etl": made(schedule="cron(0 4 * * ? *)")}, "when something lands and at cron(0 4 * * ? *) UTC"),
        ({"etl": made(schedule="cron(0 3 * * ? *)", on_arrival=False)}, "at cron(0 3 * * ? *) UTC"),
        ({"etl": made(on_arrival=False)}, "when somebody starts its job"),
    ],
)
def test_the_refresh_schedule_follows_from_the_triggers_of_the_job(given: dict[str, Any], told: str) -> None:
    assert refresh_schedule(dataset(**given)) == told


def test_result_sources_are_the_folders_of_the_returning_environments() -> None:
    returned = dataset(
        zone="results",
        returned_by={"fraud": ["production", "preproduction"]},
        etl=made(sources=["results/cards", "rates"]),
    )
    assert sources_of(returned) == (
        "rates",
        "results/cards/fraud/preproduction",
        "results/cards/fraud/production",
    )


@pytest.mark.requirement("DL-14.b", "DL-14.d")
def test_catalog_parameters_describe_sources_schedule_features_and_teams() -> None:
    assert catalog_parameters(dataset(etl=made(fills=["activity"]), shared_with={"fraud": ["development"]})) == {
        "plinth:sources": "cards",
        "plinth:made": "when something lands",
        "plinth:feeds": "activity",
        "plinth:used-by": "fraud",
    }
    assert catalog_parameters(dataset()) == {"plinth:made": "whenever its owner writes it"}


def test_declared_uses_are_found_in_every_environment_by_use_case() -> None:
    copied = {"use_case": "scoring", "dataset": "cards", "part": "inference"}
    asked = {"use_case": "pricing", "script": "etl/steps/prices.py"}
    environments = [
        EnvironmentSettings.model_validate(given)
        for given in (
            {"team": "fraud", "environment": "production", "intake": {"daily": copied}},
            {
                "team": "fraud",
                "environment": "development",
                "intake": {"others": copied | {"dataset": "others"}},
                "glue_steps": {"prices": asked | {"datasets": ["cards"]}, "rates": asked | {"datasets": ["others"]}},
                "data_api": {"datasets": ["cards"]},
            },
            {"team": "churn", "environment": "development", "data_api": {"datasets": ["others"]}},
        )
    ]
    assert list(declared_uses(dataset(), environments)) == [
        DatasetUse(team="fraud", environment="production", use_case="scoring", by="intake daily (inference)"),
        DatasetUse(team="fraud", environment="development", use_case="pricing", by="step prices of its pipelines"),
        DatasetUse(team="fraud", environment="development", use_case=None, by="the data API"),
    ]
