"""Alarms and the dashboard of an endpoint."""

import json

import pytest

from components.monitoring.endpoint_alarms import EndpointAlarm, EndpointAlarms, EndpointAlarmsArgs
from components.monitoring.models_dashboard import ModelsDashboard, ModelsDashboardArgs
from components.monitoring.serving_dashboard import ServingDashboard, ServingDashboardArgs
from plinth_project.monitoring.effects.metrics import DRIFTED, QUALITY, QUALITY_OF_MODEL
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, REGION

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:fraud--scoring-prod-alarms"
NAME = "fraud--scoring-prod"
FLEET = "EndpointConfigName"
WANTED = [
    EndpointAlarm(metric="Invocation5XXErrors", above=0, minutes=1),
    EndpointAlarm(metric="ModelLatency", above=500_000, minutes=3),
    EndpointAlarm(metric="MemoryUtilization", above=90, minutes=3),
]
both_modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


def alarms(wanted=WANTED):
    args = EndpointAlarmsArgs(
        endpoint_name=NAME,
        variant_name="AllTraffic",
        alarms=wanted,
        topic_arn=TOPIC,
        configuration_name=f"{NAME}-1a2b3c4d",
    )
    return EndpointAlarms("alarms", args)


@pytest.mark.requirement("RB-03")
@both_modes
def test_each_metric_is_read_from_its_namespace_and_tells_the_topic(preview):
    made = {
        alarm["metricName"]: alarm
        for alarm in _alarms(deploy(alarms, preview=preview))
        if FLEET not in alarm["dimensions"]
    }
    assert {
        name: (alarm["namespace"], alarm["statistic"], alarm["evaluationPeriods"]) for name, alarm in made.items()
    } == {
        "Invocation5XXErrors": ("AWS/SageMaker", "Sum", 1),
        "ModelLatency": ("AWS/SageMaker", "Average", 3),
        "MemoryUtilization": ("/aws/sagemaker/Endpoints", "Maximum", 3),
    }
    for metric_alarm in made.values():
        assert metric_alarm["dimensions"] == {"EndpointName": NAME, "VariantName": "AllTraffic"}
        assert metric_alarm["name"].startswith(f"{NAME}-")
        assert (metric_alarm["alarmActions"], metric_alarm["okActions"]) == ([TOPIC], [TOPIC])
        assert (metric_alarm["comparisonOperator"], metric_alarm["treatMissingData"]) == (
            "GreaterThanThreshold",
            "notBreaching",
        )


@pytest.mark.requirement("RB-03")
@both_modes
def test_a_deployment_is_judged_by_errors_and_latency_of_its_own_fleet_alone(preview):
    """An alarm on both fleets would end the deployment of a fix while the old fleet fails."""
    recorder = deploy(alarms, preview=preview)
    made = {alarm["metricName"]: alarm for alarm in _alarms(recorder) if FLEET in alarm["dimensions"]}
    assert made.keys() == {"Invocation5XXErrors", "ModelLatency"}
    for metric, metric_alarm in made.items():
        assert metric_alarm["dimensions"] == {
            "EndpointName": NAME,
            "VariantName": "AllTraffic",
            FLEET: f"{NAME}-1a2b3c4d",
        }
        assert metric_alarm["name"] == f"{NAME}-1a2b3c4d-AllTraffic-{metric}"
        assert (metric_alarm["alarmActions"], metric_alarm.get("okActions")) == ([TOPIC], None), (
            "the alarm on the endpoint says the end"
        )
    assert (made["ModelLatency"]["threshold"], made["ModelLatency"]["datapointsToAlarm"]) == (500_000, 3)


def _alarms(recorder):
    return [record.inputs for record in recorder.all("aws:cloudwatch/metricAlarm:MetricAlarm")]


def test_a_metric_has_one_alarm():
    with pytest.raises(ValueError, match="at most one alarm"):
        deploy(lambda: alarms([WANTED[0], WANTED[0]]))
    with pytest.raises(ValueError, match="alarm on ModelLatency"):
        EndpointAlarm(metric="ModelLatency", above=0, minutes=0)


@both_modes
def test_the_dashboard_of_all_models_finds_the_metrics_that_releases_and_jobs_publish(preview):
    def dashboard():
        args = ModelsDashboardArgs(dashboard_name="fraud-production-models", region=REGION, environment="production")
        ModelsDashboard("models", args)

    shown = deploy(dashboard, preview=preview).one("aws:cloudwatch/dashboard:Dashboard").inputs
    widgets = json.loads(shown["dashboardBody"])["widgets"]
    searches = [metric["expression"] for widget in widgets for ((metric,),) in [widget["properties"]["metrics"]]]
    assert all(len(search) <= 1024 for search in searches)
    of_endpoints = """SEARCH('{AWS/SageMaker,EndpointName,VariantName} MetricName="Invocations"', 'Sum', 300)"""
    assert of_endpoints in searches
    for published in (DRIFTED, QUALITY, QUALITY_OF_MODEL):
        (search,) = [candidate for candidate in searches if f'MetricName="{published}"' in candidate]
        assert search.startswith("""SEARCH('Environment="production" """)


@both_modes
def test_the_dashboard_shows_every_variant_the_function_and_the_api(preview):
    def dashboard():
        args = ServingDashboardArgs(
            dashboard_name=NAME,
            region=REGION,
            endpoint_name=NAME,
            variant_names=["AllTraffic", "Shadow"],
            api_name=NAME,
            function_name=f"{NAME}-predict",
        )
        ServingDashboard("dashboard", args)

    body = json.loads(
        deploy(dashboard, preview=preview).one("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"]
    )
    metrics = [metric for widget in body["widgets"] for metric in widget["properties"]["metrics"]]
    assert ["AWS/SageMaker", "ModelLatency", "EndpointName", NAME, "VariantName", "Shadow"] in metrics
    assert ["AWS/Lambda", "Errors", "FunctionName", f"{NAME}-predict"] in metrics
    assert ["AWS/ApiGateway", "Count", "ApiName", NAME] in metrics
    places = {(widget["x"], widget["y"]) for widget in body["widgets"]}
    assert len(places) == len(body["widgets"])
    assert all(widget["x"] + widget["width"] <= 24 for widget in body["widgets"])
