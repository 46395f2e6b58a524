"""The sink of the monitoring account, and the links of source accounts."""

import json

import pytest

from components.monitoring.observability.monitoring_account import MonitoringAccount, MonitoringAccountArgs
from components.monitoring.observability.shared_metrics import OF_MODELS
from components.monitoring.observability.source_account import SourceAccount, SourceAccountArgs
from plinth_sandbox.emulator.services.oam.patches.metric_filters import NamespaceFilter
from tests.support.recorder import deploy

both_modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])
SINK = "arn:aws:oam:eu-west-1:111111111111:sink/0f6d2d3e"


@both_modes
@pytest.mark.requirement("MON-08.b")
def test_a_sink_admits_metrics_of_the_organization(preview):
    recorder = deploy(
        lambda: MonitoringAccount("observability", MonitoringAccountArgs(organization_id="o-a1")), preview=preview
    )
    (statement,) = json.loads(recorder.one("aws:oam/sinkPolicy:SinkPolicy").inputs["policy"])["Statement"]
    assert statement["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": "o-a1"}
    assert statement["Condition"]["ForAllValues:StringEquals"] == {"oam:ResourceTypes": "AWS::CloudWatch::Metric"}


@both_modes
def test_a_source_account_shares_metrics_of_models_alone(preview):
    recorder = deploy(lambda: SourceAccount("observability", SourceAccountArgs(sink_arn=SINK)), preview=preview)
    link = recorder.one("aws:oam/link:Link").inputs
    assert (link["sinkIdentifier"], link["resourceTypes"]) == (SINK, ["AWS::CloudWatch::Metric"])
    assert link["linkConfiguration"] == {"metricConfiguration": {"filter": OF_MODELS}}
    shared = NamespaceFilter.parse(OF_MODELS)
    assert all(map(shared.admits, ("AWS/SageMaker", "/aws/sagemaker/Endpoints", "plinth/fraud/scoring")))
    assert not any(map(shared.admits, ("AWS/Lambda", "AWS/ApiGateway", "CWAgent")))
