"""The Pulumi program of a generated deployment repository, under mocks and under the policy pack."""

import json
import re
import runpy
import sys

import pulumi
import pytest

from policies.evaluation.dispatch import Dispatcher
from policies.evaluation.stack_context import stack_context
from policies.rule_list import RULES
from settings.data.ml_layout import PredictionSwitch
from tests.policies.checking import stack_findings
from tests.policies.test_every_stack import subject_of
from tests.support.recorder import deploy
from tests.templates.projects import PREPRODUCTION, PRODUCTION, TOOLING, forgetting_modules, generate_deployment

VERSION = f"arn:aws:sagemaker:eu-west-1:{TOOLING}:model-package/fraud--scoring-main/3"
EARLIER = f"arn:aws:sagemaker:eu-west-1:{TOOLING}:model-package/fraud--scoring-main/2"
STACKS = {"staging": "fraud-preproduction", "prod": "fraud-production"}
COMMIT = "1a2b3c4"
PROJECT = "fraud--scoring"
SIGNED = {"Registry": "grace", "Review": "ben", "Release": "chloe"}
BUCKETS = {
    "preproduction_bucket": f"ml-preprod-fraud-{PREPRODUCTION}-eu-west-1-an",
    "production_bucket": f"ml-prod-fraud-{PRODUCTION}-eu-west-1-an",
}
RETENTION = {"preproduction_log_retention_days": 400, "production_log_retention_days": 1827}
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
both_modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return generate_deployment(tmp_path_factory.mktemp("program"), **BUCKETS, **RETENTION)


OF_VERSION = {
    "image": f"{TOOLING}.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring/train@sha256:{'0' * 64}",
    "archive": f"s3://acme-artifacts-{TOOLING}-eu-west-1-an/fraud/scoring/models/main/20260101T000000-1a2b3c4/model.tar.gz",
}
PIPELINE = "aws:sagemaker/pipeline:Pipeline"


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    return generate_deployment(
        tmp_path_factory.mktemp("batch"), inference="batch", problem="regression", **BUCKETS, **RETENTION
    )


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    return generate_deployment(tmp_path_factory.mktemp("later"), inference="asynchronous", **BUCKETS, **RETENTION)


@pytest.fixture(scope="module")
def released(project):
    """Returns what an update of production registers."""
    return release(project)


def release(project, environment="prod", preview=False, kept=(), **configuration):
    """Runs the program in an account that has the log groups ``kept``, and forgets the modules of the repository, whose
    names are those of other repositories."""
    given = {"version_arn": VERSION, "commit": COMMIT, **OF_VERSION} | configuration
    path = list(sys.path)

    def program():
        for name, value in given.items():
            pulumi.runtime.set_config(f"release:{name}", value)
        runpy.run_path(str(project / "__main__.py"))

    try:
        groups = {"aws:cloudwatch/getLogGroups:getLogGroups": {"logGroupNames": list(kept)}}
        with forgetting_modules("predict", "shared_libraries"):
            return deploy(program, preview=preview, stack=STACKS.get(environment, environment), data_sources=groups)
    finally:
        pulumi.runtime.set_all_config({})
        sys.path[:] = path


def changed(project, environment, **changes):
    """Changes the configuration of inference, and returns how to undo it."""
    file = project / "inference_config" / environment / "inference_config.json"
    before = file.read_text()
    content = json.loads(before)
    content["inference"] |= changes
    file.write_text(json.dumps(content))
    return lambda: file.write_text(before)


def switch_of(name):
    """Returns the variables that name the switch of predictions, and the tests that it spares."""
    bucket = BUCKETS["production_bucket" if name.endswith("-prod") else "preproduction_bucket"]
    account = re.search(r"\d{12}", bucket)[0]
    return {
        "BUCKET": bucket,
        "SWITCH": "scoring/monitoring/switch/predictions.json",
        "TESTER": f"arn:aws:iam::{account}:role/plinth/{name}-release",
    }


@pytest.mark.requirement("RT-01", "RT-03", "PROD-02.a", "PRE-03.a", "PRE-03.b", "MON-02", "AMB-01.a")
@both_modes
@pytest.mark.parametrize("environment", STACKS)
def test_the_version_is_served_behind_an_api_by_the_configuration_of_the_environment(project, environment, preview):
    recorder = release(project, environment, preview=preview)
    abbreviation = {"staging": "preprod", "prod": "prod"}[environment]
    name = f"fraud--scoring-{abbreviation}"
    assert recorder.one("aws:sagemaker/model:Model").inputs["primaryContainer"] == {"modelPackageName": VERSION}
    configuration = recorder.one(CONFIGURATION).inputs
    assert configuration["dataCaptureConfig"]["destinationS3Uri"] == (
        f"s3://{BUCKETS['preproduction_bucket' if environment == 'staging' else 'production_bucket']}"
        "/scoring/monitoring/capture/00003"
    )
    endpoint = recorder.one(ENDPOINT).inputs
    assert endpoint["name"] == name
    alarms = [alarm["alarmName"] for alarm in endpoint["deploymentConfig"]["autoRollbackConfiguration"]["alarms"]]
    metrics = ["Invocation5XXErrors", "ModelLatency"]
    assert alarms == [f"{configuration['name']}-AllTraffic-{metric}" for metric in metrics]
    function = recorder.one("aws:lambda/function:Function", "function-function").inputs
    assert (function["name"], function["role"].rpartition("/")[2]) == (f"{name}-predict", f"{name}-predict")
    api = recorder.one("aws:apigateway/restApi:RestApi").inputs
    assert api["endpointConfiguration"] == {"types": "PRIVATE", "vpcEndpointIds": [f"vpce-{abbreviation}"]}
    if not preview:
        assert function["environment"] == {"variables": {"ENDPOINT_NAME": name, **switch_of(name)}}
        uri = json.loads(api["body"])["paths"]["/v1/predictions"]["post"]["x-amazon-apigateway-integration"]["uri"]
        assert f":function:{name}-predict/" in uri
        identifier = recorder.one("aws:apigateway/restApi:RestApi").id
        url = f"https://{identifier}-vpce-{abbreviation}.execute-api.eu-west-1.amazonaws.com/live"
        assert recorder.exports == {
            "endpoint_name": name,
            "api_id": identifier,
            "url": url,
            "version_arn": VERSION,
            "commit": COMMIT,
        }


@pytest.mark.requirement("MON-01.b", "MON-04.a")
@both_modes
@pytest.mark.parametrize("environment", STACKS)
def test_a_release_compares_the_requests_to_its_version_with_the_baseline_of_that_version(
    project, environment, preview
):
    recorder = release(project, environment, preview=preview)
    function = recorder.one("aws:lambda/function:Function", "monitor-function").inputs
    files = function["code"].assets
    subject, request = (json.loads(files[name].text) for name in ("subject.json", "request.json"))
    endpoint = recorder.one(ENDPOINT).inputs["name"]
    assert subject["version"] == VERSION
    assert subject["switch"] == PredictionSwitch(use_case="scoring").object_key
    assert subject["stops_predictions_on"] == []
    assert subject["captures"] == f"scoring/monitoring/capture/00003/{endpoint}/AllTraffic/"
    contract = json.loads((project / "app_infra" / "lambda" / "predict" / "contract.json").read_text())
    assert subject["features"] == contract["request"]["properties"]["instances"]["items"]["required"]
    inputs = {
        processing_input["InputName"]: processing_input["S3Input"]["S3Uri"]
        for processing_input in request["ProcessingInputs"]
    }
    folder = OF_VERSION["archive"].removesuffix("model.tar.gz")
    assert inputs["statistics"] == f"{folder}statistics.json"
    assert inputs["constraints"] == f"{folder}constraints.json"
    assert "model" not in inputs
    assert request["AppSpecification"]["ImageUri"] == OF_VERSION["image"]
    assert request["RoleArn"].endswith(f"/{endpoint}-monitoring")
    assert request["NetworkConfig"]["VpcConfig"]["Subnets"]
    code = {"plinth_project/__init__.py", "plinth_project/monitoring/job.py", "plinth_project/monitoring/start.py"}
    assert code < set(files)


@pytest.mark.requirement("MON-06.b")
def test_a_release_that_explains_predictions_gives_the_job_the_model_of_its_version(project):
    monitoring = {"window": "hour", "explains_predictions": True}
    undo = changed(project, "prod", monitoring=monitoring)
    try:
        recorder = release(project)
    finally:
        undo()
    files = recorder.one("aws:lambda/function:Function", "monitor-function").inputs["code"].assets
    request = json.loads(files["request.json"].text)
    inputs = {
        processing_input["InputName"]: processing_input["S3Input"]["S3Uri"]
        for processing_input in request["ProcessingInputs"]
    }
    assert inputs["model"] == OF_VERSION["archive"]
    assert request["AppSpecification"]["ContainerArguments"].count("--model") == 1


@pytest.mark.requirement("MON-01.b")
def test_an_a_b_test_compares_the_requests_to_the_new_version_only(project):
    undo = changed(project, "prod", trial={"kind": "a-b", "percentage": 20})
    try:
        recorder = release(project, baseline_arn=EARLIER)
    finally:
        undo()
    files = recorder.one("aws:lambda/function:Function", "monitor-function").inputs["code"].assets
    assert json.loads(files["subject.json"].text)["captures"].endswith("/00003/fraud--scoring-prod/Candidate/")


def test_an_environment_without_monitoring_compares_nothing(project):
    undo = changed(project, "staging", monitoring=None)
    try:
        recorder = release(project, "staging")
    finally:
        undo()
    assert [function.name for function in recorder.all("aws:lambda/function:Function")] == ["function-function"]


@pytest.mark.requirement("RT-07.b")
def test_a_release_keeps_the_instances_and_the_bounds_of_scaling(project):
    def of(**configuration):
        recorder = release(project, **configuration)
        target = recorder.one("aws:appautoscaling/target:Target").inputs
        made = recorder.one(CONFIGURATION).inputs
        count = made["productionVariants"][0]["initialInstanceCount"]
        return made["name"], count, (target["minCapacity"], target["maxCapacity"])

    def fleet(configuration, started, instances):
        numbers = {"started": {"AllTraffic": started}, "instances": {"AllTraffic": instances}}
        return json.dumps({"configuration": configuration, **numbers})

    undo = changed(project, "prod", scaling={"least": 2, "most": 10, "invocations_per_instance": 1000})
    try:
        first, count, bounds = of()
        assert (count, bounds) == (2, (2, 10))
        scaled, *rest = of(fleet=fleet("fraud--scoring-prod-00000000", 2, 8))
        assert rest == [8, (2, 10)]
        assert scaled != first
        assert of(fleet=fleet(scaled, 8, 5))[:2] == (scaled, 8), "a repeated release changes nothing"
        assert of(fleet=fleet(first, 2, 8), version_arn=EARLIER)[1] == 8
    finally:
        undo()


def test_every_resource_is_made_by_the_release_role_in_the_account_of_the_environment(released):
    recorder = released
    provider = recorder.one("pulumi:providers:aws").inputs
    assert json.loads(provider["allowedAccountIds"]) == [PRODUCTION]
    (role,) = json.loads(provider["assumeRoles"])
    assert role["roleArn"] == f"arn:aws:iam::{PRODUCTION}:role/plinth/fraud--scoring-prod-release"
    assert {record.provider for record in recorder.resources} == {"release"}


def test_a_destroyed_release_leaves_its_logs_which_its_role_may_not_delete(released):
    kept = {record.inputs["name"] for record in released.resources if record.retain_on_delete}
    assert kept == {record.inputs["name"] for record in released.all("aws:cloudwatch/logGroup:LogGroup")}
    assert len(kept) == 4


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_logs_are_kept_as_long_as_the_settings_of_the_environment_say(project, batch, later, environment):
    kept = 400 if environment == "staging" else 1827
    for kind in (project, batch, later):
        groups = release(kind, environment).all("aws:cloudwatch/logGroup:LogGroup")
        assert {group.inputs["retentionInDays"] for group in groups} == {kept}


@both_modes
def test_a_first_release_after_a_destroyed_one_adopts_the_logs_that_it_has_left(project, batch, preview):
    names = ["/aws/lambda/fraud--scoring-prod-predict", "/aws/lambda/fraud--scoring-prod-start-batch", "/plinth/other"]
    for recorder, adopted in (
        (release(project, preview=preview, kept=names), {names[0]}),
        (release(batch, preview=preview, kept=names), {names[1]}),
    ):
        groups = {
            log_group.inputs["name"]: log_group.import_id
            for log_group in recorder.all("aws:cloudwatch/logGroup:LogGroup")
        }
        assert {name: import_id for name, import_id in groups.items() if import_id} == {name: name for name in adopted}
        assert not [record for record in recorder.records if record.import_id and record.inputs["name"] not in adopted]


def test_a_changed_configuration_replaces_a_function_because_an_update_would_name_no_network(released):
    function = released.one("aws:lambda/function:Function", "function-function")
    assert {"memorySize", "timeout", "runtime", "handler", "role", "deadLetterConfig"} <= set(function.replaced_with)
    assert {f"environment.variables.{name}" for name in ("SWITCH", "TESTER")} <= set(function.replaced_with)
    # Code and tags change by other calls. Variables are unknown in the preview of a new version.
    assert not {"code", "tags", "environment", "vpcConfig"} & set(function.replaced_with)


def test_the_function_contains_its_code_and_no_tests(released):
    archive = released.one("aws:lambda/function:Function", "function-function").inputs["code"]
    assert sorted(archive.assets) == [
        f"predict/{name}"
        for name in (
            "__init__.py",
            "asynchronous.py",
            "contract.json",
            "contract.py",
            "events.py",
            "handler.py",
            "switch.py",
        )
    ]


def test_the_api_changes_after_the_endpoint(released):
    endpoint = released.one(ENDPOINT).urn
    api = released.one("aws:apigateway/restApi:RestApi")
    assert endpoint in api.dependencies
    assert api.urn in released.one("aws:apigateway/deployment:Deployment").dependencies


def test_only_the_tests_and_the_roles_of_the_settings_may_call(project):
    caller = f"arn:aws:iam::{PRODUCTION}:role/plinth/fraud-production-execution"
    undo = changed(project, "prod", callers=[caller])
    body = json.loads(release(project).one("aws:apigateway/restApi:RestApi").inputs["body"])
    undo()
    allowed, *denied = body["x-amazon-apigateway-policy"]["Statement"]
    release_role = f"arn:aws:iam::{PRODUCTION}:role/plinth/fraud--scoring-prod-release"
    assert allowed["Condition"]["ArnEquals"] == {"aws:PrincipalArn": [release_role, caller]}
    assert allowed["Condition"]["StringEquals"]["aws:SourceVpce"] == ["vpce-prod", "vpce-tooling"]
    assert [statement["Effect"] for statement in denied] == ["Deny", "Deny"]


@pytest.mark.requirement("RT-10.a", "RT-10.d")
@both_modes
def test_each_caller_with_a_plan_has_a_key_a_rate_and_a_quota(project, preview):
    role = f"arn:aws:iam::{PRODUCTION}:role/plinth/fraud-production-execution"
    quota = {"requests": 1000, "period": "day"}
    plan = {"role": role, "requests_per_second": 5, "burst": 10, "quota": quota}
    undo = changed(project, "prod", plans={"claims": plan})
    recorder = release(project, preview=preview)
    undo()
    plans = {
        usage_plan.inputs["name"]: usage_plan.inputs
        for usage_plan in recorder.all("aws:apigateway/usagePlan:UsagePlan")
    }
    assert set(plans) == {"fraud--scoring-prod-claims", "fraud--scoring-prod-tests"}
    claims = plans["fraud--scoring-prod-claims"]
    assert claims["throttleSettings"] == {"rateLimit": 5, "burstLimit": 10}
    assert claims["quotaSettings"] == {"limit": 1000, "period": "DAY"}
    assert "quotaSettings" not in plans["fraud--scoring-prod-tests"]
    keys = recorder.all("aws:apigateway/apiKey:ApiKey")
    assert {key.inputs["name"] for key in keys} == set(plans)
    assert not [key for key in keys if "value" in key.inputs]
    admissions = recorder.all("aws:apigateway/usagePlanKey:UsagePlanKey")
    assert [key.secret_outputs for key in (*keys, *admissions)] == [("value",)] * 4
    if not preview:
        body = json.loads(recorder.one("aws:apigateway/restApi:RestApi").inputs["body"])
        assert body["paths"]["/v1/predictions"]["post"]["security"] == [{"signature": []}, {"api_key": []}]
        assert role in body["x-amazon-apigateway-policy"]["Statement"][0]["Condition"]["ArnEquals"]["aws:PrincipalArn"]
        ids = {key.inputs["name"].rpartition("-")[2]: key.id for key in keys}
        assert (recorder.exports["api_keys"], recorder.exports["api_key_id"]) == (ids, ids["tests"])
    assert findings(recorder, "prod") == []


@pytest.mark.requirement("RT-04.c", "RT-09.a", "RT-09.c")
def test_a_shadow_and_an_ab_test_compare_with_the_version_in_service(project):
    undo = changed(project, "prod", trial={"kind": "shadow", "percentage": 10})
    first, second = release(project), release(project, baseline_arn=EARLIER)
    undo()
    assert "shadowProductionVariants" not in first.one(CONFIGURATION).inputs
    names = {
        record.inputs["primaryContainer"]["modelPackageName"]: record.inputs["name"]
        for record in second.all("aws:sagemaker/model:Model")
    }
    shadowed = second.one(CONFIGURATION).inputs
    assert [production_variant["modelName"] for production_variant in shadowed["productionVariants"]] == [
        names[EARLIER]
    ]
    assert [production_variant["modelName"] for production_variant in shadowed["shadowProductionVariants"]] == [
        names[VERSION]
    ]
    undo = changed(project, "prod", trial={"kind": "a-b", "percentage": 10})
    tested = release(project, baseline_arn=EARLIER).one(CONFIGURATION).inputs["productionVariants"]
    at_first = release(project).one(CONFIGURATION).inputs["productionVariants"]
    undo()
    assert [
        (production_variant["modelName"], production_variant["initialVariantWeight"]) for production_variant in tested
    ] == [
        (names[EARLIER], 90),
        (names[VERSION], 10),
    ]
    assert [production_variant["variantName"] for production_variant in at_first] == [
        production_variant["variantName"] for production_variant in tested
    ]


@pytest.mark.requirement("RT-04.a")
@pytest.mark.parametrize("trial", [None, "shadow", "a-b"])
def test_no_release_creates_what_the_release_before_it_has(project, trial):
    """AWS refuses the name of a resource that exists, and the engine deletes what has left the program last."""
    undo = changed(project, "prod", **({"trial": {"kind": trial, "percentage": 10}} if trial else {}))
    before = release(project, version_arn=EARLIER)
    after = release(project, baseline_arn=EARLIER)
    undo()
    had = {name: record.urn for record in before.records if (name := aws_name(record))}
    has = {name: record.urn for record in after.records if (name := aws_name(record))}
    again = {name for name in had.keys() & has.keys() if had[name] != has[name]}
    assert again == set()
    assert bool(trial) == any(name == "aws:sagemaker/model:Model" for name, _ in had.keys() & has.keys())


AWS_NAMES = ("name", "pipelineName", "dashboardName")


def aws_name(record):
    """Returns the type and the name in AWS of a resource that has one."""
    name = next((record.inputs[member] for member in AWS_NAMES if isinstance(record.inputs.get(member), str)), None)
    return None if name is None else (record.type, name)


RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"


@pytest.mark.requirement("RT-03", "PROD-02.b")
@both_modes
@pytest.mark.parametrize(
    ("environment", "answers", "delivered"),
    [("staging", "event", True), ("prod", "event", False), ("prod", "queue", True)],
)
def test_events_of_a_pattern_invoke_a_function_whose_answers_are_events_too(
    project, environment, answers, delivered, preview
):
    undo = changed(project, environment, events={"answers": answers})
    recorder = release(project, environment, preview=preview)
    undo()
    name = f"fraud--scoring-{'preprod' if environment == 'staging' else 'prod'}"
    patterns = {rule.inputs["name"]: rule.inputs.get("eventPattern") for rule in recorder.all(RULE)}
    rules = {name: json.loads(pattern) for name, pattern in patterns.items() if pattern}
    asked = {"source": ["fraud.scoring"], "detail-type": ["Prediction Requested"]}
    answered = {"source": ["fraud.scoring"], "detail-type": ["Prediction Completed"]}
    assert rules == {f"{name}-requests": asked} | ({f"{name}-answers": answered} if delivered else {})
    function = recorder.one("aws:lambda/function:Function", "events-function-function")
    assert function.inputs["name"] == f"{name}-predict-event"
    failures = function.inputs["deadLetterConfig"]["targetArn"]
    assert failures.endswith(f":{name}-event-failures")
    targets = {
        target.inputs["targetId"]: target.inputs for target in recorder.all(TARGET) if target.name.startswith("events-")
    }
    assert {target["deadLetterConfig"]["arn"] for target in targets.values()} == {failures}
    assert ("answers" in targets, "answers_url" in recorder.exports) == (delivered, delivered)
    if not preview:
        assert targets["requests"]["arn"] == function.computed["arn"]
        expected = {"ENDPOINT_NAME": name, "EVENT_SOURCE": "fraud.scoring", **switch_of(name)}
        assert function.inputs["environment"]["variables"] == expected
    assert findings(recorder, environment) == []


def test_a_route_that_loses_events_is_refused(project):
    undo = changed(project, "prod", events={"answers": "queue"})
    recorder = release(project)
    undo()
    recorder.one(TARGET, "events-requests-target").inputs["deadLetterConfig"] = None
    assert "ST-11" in {rule for rule, _ in findings(recorder, "prod")}


@pytest.mark.requirement("RT-06")
@both_modes
def test_a_serial_inference_pipeline_has_containers_of_the_version_only(project, preview):
    undo = changed(project, "prod", containers=["preprocess", "predict"])
    recorder = release(project, preview=preview)
    undo()
    model = recorder.one("aws:sagemaker/model:Model").inputs
    assert model["containers"] == [
        {"modelPackageName": VERSION, "environment": {"SERVE_PARTS": parts}}
        for parts in ("preprocess", "predict,postprocess")
    ]
    assert model["inferenceExecutionConfig"] == {"mode": "Serial"}
    assert findings(recorder, "prod") == []


@pytest.mark.requirement("RT-05", "PROD-03.b")
@both_modes
@pytest.mark.parametrize("environment", STACKS)
def test_asynchronous_inference_keeps_requests_and_answers_in_the_bucket_of_the_environment(
    later, environment, preview
):
    recorder = release(later, environment, preview=preview)
    bucket = BUCKETS["preproduction_bucket" if environment == "staging" else "production_bucket"]
    configuration = recorder.one(CONFIGURATION).inputs
    assert "dataCaptureConfig" not in configuration
    asynchronous = configuration["asyncInferenceConfig"]
    assert asynchronous["clientConfig"] == {"maxConcurrentInvocationsPerInstance": 4}
    assert asynchronous["outputConfig"]["s3OutputPath"] == f"s3://{bucket}/scoring/asynchronous/answers/"
    assert asynchronous["outputConfig"]["s3FailurePath"] == f"s3://{bucket}/scoring/asynchronous/failures/"
    function = recorder.one("aws:lambda/function:Function").inputs
    assert function["handler"] == "predict.asynchronous.handle"
    if not preview:
        variables = function["environment"]["variables"]
        assert (variables["BUCKET"], variables["FOLDER"]) == (bucket, "scoring/asynchronous")
        paths = json.loads(recorder.one("aws:apigateway/restApi:RestApi").inputs["body"])["paths"]
        assert set(paths) == {"/v1/predictions", "/v1/predictions/stored", "/v1/predictions/{id}"}


@pytest.mark.requirement("RT-05")
def test_an_asynchronous_endpoint_scales_from_zero_when_requests_wait(later):
    recorder = release(later)
    assert recorder.one("aws:appautoscaling/target:Target").inputs["minCapacity"] == 0
    (start,) = [
        policy
        for policy in recorder.all("aws:appautoscaling/policy:Policy")
        if policy.inputs["policyType"] == "StepScaling"
    ]
    assert start.inputs["stepScalingPolicyConfiguration"]["stepAdjustments"] == [
        {"metricIntervalLowerBound": "0", "scalingAdjustment": 1}
    ]
    alarms = {
        metric_alarm.inputs["metricName"]: metric_alarm.inputs
        for metric_alarm in recorder.all("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    waiting = alarms["HasBacklogWithoutCapacity"]
    assert (
        start.urn in recorder.one("aws:cloudwatch/metricAlarm:MetricAlarm", "endpoint-alltraffic-waiting").dependencies
    )
    assert waiting["dimensions"] == {"EndpointName": "fraud--scoring-prod"}
    assert alarms["ApproximateBacklogSizePerInstance"]["dimensions"] == {"EndpointName": "fraud--scoring-prod"}
    rolling_back = recorder.one(ENDPOINT).inputs["deploymentConfig"]["autoRollbackConfiguration"]["alarms"]
    assert len(rolling_back) == 2


@both_modes
@pytest.mark.parametrize("environment", STACKS)
def test_the_policies_accept_every_resource_of_asynchronous_inference(later, environment, preview):
    assert findings(release(later, environment, preview=preview), environment) == []


@pytest.mark.parametrize(
    ("type_", "change", "finding"),
    [
        (CONFIGURATION, {"asyncInferenceConfig": {"outputConfig": {"s3OutputPath": "s3://elsewhere/"}}}, "SM-16"),
        (ENDPOINT, {"deploymentConfig": {}}, "SM-17"),
    ],
    ids=["answers elsewhere", "no rollback"],
)
def test_a_weaker_resource_of_asynchronous_inference_is_refused(later, type_, change, finding):
    recorder = release(later)
    recorder.one(type_).inputs.update(change)
    assert finding in {rule for rule, _ in findings(recorder, "prod")}


def test_another_stack_is_refused(project):
    with pytest.raises(Exception, match="use fraud-preproduction or fraud-production"):
        release(project, environment="fraud-development")


def findings(recorder, environment):
    """Returns the findings of the policy pack that refuse a release, as rule and type."""
    promotion = json.dumps({"versions": [VERSION, EARLIER], "sign_offs": SIGNED})
    context = stack_context(STACKS[environment], None, None, project=PROJECT, promotion=promotion)
    for record in recorder.records:
        record.inputs.pop("code", None)  # an archive, which no rule reads
    resources = [subject_of(record, recorder, context) for record in recorder.records]
    single = [found for resource in resources for found in Dispatcher(RULES).findings(resource)]
    every = [*single, *stack_findings(resources, RULES)]
    return [(found.rule.id, found.resource.type) for found in every if found.level == "mandatory"]


@pytest.mark.requirement("NET-03.d")
@both_modes
@pytest.mark.parametrize("environment", STACKS)
def test_the_policies_accept_every_resource(project, environment, preview):
    assert findings(release(project, environment, preview=preview), environment) == []


@pytest.mark.parametrize(
    ("type_", "change", "finding"),
    [
        ("aws:sagemaker/model:Model", {"primaryContainer": {"modelDataUrl": "s3://other/model.tar.gz"}}, "SM-12"),
        ("aws:sagemaker/model:Model", {"primaryContainer": {"modelPackageName": f"{VERSION}0"}}, "SM-12"),
        (CONFIGURATION, {"productionVariants": [{"modelName": "fraud--other-prod-1"}]}, "SM-12"),
        ("aws:sagemaker/model:Model", {"enableNetworkIsolation": False}, "SM-09"),
        (ENDPOINT, {"deploymentConfig": {}}, "SM-17"),
        ("aws:apigateway/restApi:RestApi", {"endpointConfiguration": {"types": "REGIONAL"}}, "AG-01"),
        ("aws:apigateway/methodSettings:MethodSettings", {"settings": {}}, "AG-02"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {"alarmActions": []}, "ST-02"),
        ("aws:cloudwatch/logGroup:LogGroup", {"kmsKeyId": None}, "CW-01"),
    ],
    ids=[
        *("other model data", "a version that nobody approved", "a model of another stack", "no isolation"),
        *("no rollback", "public", "no throttling", "no action", "no key"),
    ],
)
def test_a_weaker_resource_in_production_is_refused(project, type_, change, finding):
    recorder = release(project)
    recorder.all(type_)[0].inputs.update(change)
    assert finding in {rule for rule, _ in findings(recorder, "prod")}


@pytest.mark.requirement("BI-01", "BI-03")
@both_modes
@pytest.mark.parametrize("environment", STACKS)
def test_a_pipeline_predicts_with_the_version_and_a_function_starts_it(batch, environment, preview):
    recorder = release(batch, environment, preview=preview)
    name = f"fraud--scoring-{'preprod' if environment == 'staging' else 'prod'}"
    model, pipeline = recorder.one("aws:sagemaker/model:Model"), recorder.one(PIPELINE)
    assert model.inputs["primaryContainer"] == {"modelPackageName": VERSION}
    assert (pipeline.inputs["pipelineName"], pipeline.inputs["roleArn"].rpartition("/")[2]) == (
        f"{name}-inference",
        f"{name}-pipeline",
    )
    assert model.urn in pipeline.dependencies
    definition = json.loads(pipeline.inputs["pipelineDefinition"])
    assert {parameter["Name"]: parameter.get("DefaultValue") for parameter in definition["Parameters"]} == {
        "BuildId": None,
        "Image": OF_VERSION["image"],
        "ModelName": model.inputs["name"],
        "VersionUri": OF_VERSION["archive"].removesuffix("model.tar.gz"),
        "VersionArn": VERSION,
    }
    (drift,) = [step["Arguments"] for step in definition["Steps"] if step["Name"] == "Drift"]
    # Only production tells what it found, which needs the network.
    isolated = drift["NetworkConfig"]["EnableNetworkIsolation"]
    words = drift["AppSpecification"]["ContainerArguments"]
    assert ("--bus" in words, isolated) == ((True, False) if environment == "prod" else (False, True))
    function = recorder.one("aws:lambda/function:Function").inputs
    assert function["role"].rpartition("/")[2] == f"{name}-start-batch"
    names = set(function["code"].assets)
    assert {
        "start_batch/handler.py",
        "jobs/batch_inference/drift/__main__.py",
        "jobs/plinth_project/monitoring/comparison/verdict.py",
    } <= names
    assert not [file for file in names if "/test/" in file or "/project/" in file]
    target = recorder.one("aws:cloudwatch/eventTarget:EventTarget").inputs
    assert target["deadLetterConfig"]["arn"].endswith(f":{name}-start-failures")


@pytest.mark.requirement("BI-07.a", "BI-07.b")
def test_an_arrival_or_a_schedule_starts_the_pipeline(batch):
    rule = "aws:cloudwatch/eventRule:EventRule"
    arrival = release(batch).one(rule).inputs
    assert json.loads(arrival["eventPattern"])["detail"]["bucket"] == {"name": [BUCKETS["production_bucket"]]}
    undo = changed(batch, "prod", start={"by": "schedule", "expression": "rate(1 day)"})
    daily = release(batch).one(rule).inputs
    undo()
    assert daily["scheduleExpression"] == "rate(1 day)"
    assert "eventPattern" not in daily


@pytest.mark.requirement("BI-06")
@both_modes
def test_batch_inference_with_a_serial_model_has_containers_of_the_version_only(batch, preview):
    undo = changed(batch, "prod", containers=["preprocess", "predict"])
    recorder = release(batch, preview=preview)
    undo()
    model = recorder.one("aws:sagemaker/model:Model").inputs
    assert model["containers"] == [
        {"modelPackageName": VERSION, "environment": {"SERVE_PARTS": parts}}
        for parts in ("preprocess", "predict,postprocess")
    ]
    assert model["inferenceExecutionConfig"] == {"mode": "Serial"}
    assert findings(recorder, "prod") == []


@both_modes
@pytest.mark.parametrize("environment", STACKS)
def test_the_policies_accept_every_resource_of_batch_inference(batch, environment, preview):
    assert findings(release(batch, environment, preview=preview), environment) == []


@pytest.mark.parametrize(
    ("type_", "change", "finding"),
    [
        (PIPELINE, {"pipelineDefinition": json.dumps({"Version": "2020-12-01", "Steps": [
            {"Name": "Score", "Type": "Transform", "Arguments": {"TransformOutput": {}, "TransformResources": {}}}
        ]})}, "SM-21"),
        ("aws:cloudwatch/eventTarget:EventTarget", {"deadLetterConfig": None}, "ST-11"),
    ],
    ids=["no keys", "lost events"],
)  # fmt: skip
def test_a_weaker_resource_of_batch_inference_is_refused(batch, type_, change, finding):
    recorder = release(batch)
    recorder.one(type_).inputs.update(change)
    assert finding in {rule for rule, _ in findings(recorder, "prod")}
