"""A person stops the predictions of the use case in production, and allows them again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.promotions import USE_CASE, Promotions


@pytest.fixture(scope="module")
def promotions(released: Promotions) -> Promotions:
    return released


def answer(promotions: Promotions, role: str) -> tuple[int, dict[str, Any]]:
    """Returns the answer of the function behind the API of production to a caller with this role."""
    account = promotions.acme.outputs("fraud-production")["account_id"]
    event = {
        "httpMethod": "POST",
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"instances": promotions.trained_rows()[:1]}),
        "requestContext": {
            "requestId": "stopped",
            "identity": {"userArn": f"arn:aws:sts::{account}:assumed-role/{role}/caller"},
        },
    }
    functions = promotions.client("lambda", "production")
    found = functions.invoke(FunctionName=f"{USE_CASE}-prod-predict", Payload=json.dumps(event))
    response = json.load(found["Payload"])
    assert "FunctionError" not in found, response
    return response["statusCode"], json.loads(response["body"])


def published(promotions: Promotions) -> set[float]:
    """Returns the lowest and the highest value of the metric since yesterday."""
    cloudwatch, now = promotions.client("cloudwatch", "production"), datetime.now(UTC)
    found = cloudwatch.get_metric_statistics(
        Namespace="plinth/fraud/scoring",
        MetricName="PredictionsStopped",
        Dimensions=[{"Name": "Environment", "Value": "production"}],
        StartTime=now - timedelta(days=1),
        EndTime=now + timedelta(days=1),
        Period=60,
        Statistics=["Minimum", "Maximum"],
    )["Datapoints"]
    return {datapoint[statistic] for datapoint in found for statistic in ("Minimum", "Maximum")}


@pytest.mark.requirement("MON-10.b")
def test_a_person_stops_predictions_at_once_and_the_tests_of_a_promotion_are_still_answered(
    promotions: Promotions,
) -> None:
    caller, tester = "shop-checkout", f"{USE_CASE}-prod-release"
    assert answer(promotions, caller)[0] == 200
    said = promotions.switch("off", "--reason", "prices in cents")
    assert said.startswith("Predictions are off since ")
    status, body = eventually(lambda: found if (found := answer(promotions, caller))[0] != 200 else None)
    assert (status, body["errors"]) == (503, ["predictions are stopped: prices in cents"])
    assert answer(promotions, tester)[0] == 200

    # The team is told with the next comparison, whoever has stopped them.
    promotions.compared()
    assert said in promotions.watched()
    promotions.advance("10m")
    alarms = promotions.client("cloudwatch", "production").describe_alarms(AlarmNames=[f"{USE_CASE}-prod-stopped"])
    assert [metric_alarm["StateValue"] for metric_alarm in alarms["MetricAlarms"]] == ["ALARM"]
    assert 1.0 in published(promotions)

    promotions.switch("on", "--reason", "prices are right again")
    eventually(lambda: answer(promotions, caller)[0] == 200)
    promotions.compared()
    assert {0.0, 1.0} <= published(promotions)
    assert "Predictions are off" not in promotions.watched()
