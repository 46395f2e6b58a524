"""The stage of private APIs: its resources keep the URNs that deployed stacks know."""

import pytest

from components.apis.private_stage import PrivateStageArgs
from components.serving.api.api_callers import ApiCallers
from components.serving.api.prediction_api import PredictionApi, PredictionApiArgs
from tests.support.recorder import deploy
from tests.unit.components.data_lake.test_data_api import api as data_api
from tests.unit.components.identifiers import ACCOUNT, KEY, REGION

SHARED = (
    "aws:apigateway/methodSettings:MethodSettings",
    "aws:apigateway/stage:Stage",
    "aws:cloudwatch/logGroup:LogGroup",
)
LIMITS = {"requests_per_second": 20, "burst": 40}


def prediction_api():
    return PredictionApi(
        "api",
        PredictionApiArgs(
            api_name="fraud--scoring-prod",
            region=REGION,
            document={"openapi": "3.0.1"},
            callers=ApiCallers(
                organization_id="o-acme",
                role_arns=[f"arn:aws:iam::{ACCOUNT}:role/plinth/caller"],
                own_endpoint_id="vpce-1",
            ),
            function_name="fraud--scoring-prod-predict",
            endpoint_name="fraud--scoring-prod",
            key_arn=KEY,
            log_retention_days=365,
            **LIMITS,
        ),
    )


def test_only_its_own_api_invokes_the_function_of_predictions():
    """Without a source, APIs of other accounts could invoke it."""
    recorder = deploy(prediction_api)
    permission = recorder.one("aws:lambda/permission:Permission").inputs
    assert permission["principal"] == "apigateway.amazonaws.com"
    api = recorder.one("aws:apigateway/restApi:RestApi")
    assert permission["sourceArn"] == f"{api.computed['executionArn']}/*/*"


@pytest.mark.parametrize(
    ("create", "component", "name", "group", "keeps_logs"),
    [
        (data_api, "data_lake:DataApi", "data-api", "/plinth/fraud-development/data-api", False),
        (prediction_api, "serving:PredictionApi", "api", "/plinth/fraud--scoring-prod/api", True),
    ],
    ids=["datasets", "predictions"],
)
def test_deployed_resources_are_neither_replaced_nor_renamed(create, component, name, group, keeps_logs):
    recorder = deploy(create)
    found = {record.urn.split("::", 2)[2]: record for record in recorder.resources if record.type in SHARED}
    limits, stage, logs = (
        found[f"plinth:{component}${type_}::{name}-{suffix}"]
        for type_, suffix in zip(SHARED, ("limits", "stage", "logs"), strict=True)
    )
    assert len(found) == len(SHARED)
    # A change of one of these inputs would replace the resource.
    assert (logs.inputs["name"], logs.retain_on_delete) == (group, keeps_logs)
    assert (stage.inputs["stageName"], limits.inputs["methodPath"]) == ("live" if keeps_logs else "v1", "*/*")
    api = recorder.one("aws:apigateway/restApi:RestApi")
    assert {stage.inputs["restApi"], limits.inputs["restApi"]} == {api.id}


@pytest.mark.parametrize("change", [{"requests_per_second": 0}, {"requests_per_second": 10_001}, {"burst": 5_001}])
def test_limits_beyond_the_quotas_of_api_gateway_are_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        PrivateStageArgs(
            stage_name="v1",
            api_id="api",
            deployment_id="deployment",
            log_group="/plinth/logs",
            key_arn=KEY,
            log_retention_days=365,
            **LIMITS | change,
        )
