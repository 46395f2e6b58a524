"""A generated deployment repository: its structure, its checks, and its tests against a model of the build template.

What it renders and accepts is what the policies, the roles and the layout of the foundation accept.
"""

import copy
import json
import subprocess
from pathlib import Path

import pytest

from components.identity.use_cases.use_case import UseCase
from components.identity.workloads.bounded_role import ROLE_PATH
from plinth_sandbox.emulator.services.events.executor.patterns import matches, parse
from policies.evaluation.readers import Properties
from policies.evaluation.resource import Provider, Resource
from policies.security.inputs.pipelines import PIPELINE
from policies.security.rules.data.apis import REST_API, is_private_and_authenticates, validates_requests
from policies.security.rules.sagemaker.jobs import has_a_readable_definition, pipeline_steps_are_confined
from policies.security.rules.sagemaker.serving import (
    CONFIGURATION,
    ENDPOINT,
    LEAST_INSTANCES,
    captures_requests_and_responses,
    has_two_instances,
    shifts_traffic_gradually,
)
from policies.security.rules.sagemaker.stack_endpoints import WATCHED
from settings.data.ml_layout import Build, BuildPart, Monitoring, parse_key
from tests.templates.deployment_driver import PRODUCTION as CHANGES
from tests.templates.deployment_driver import REMOVED
from tests.templates.projects import (
    BUILD,
    PREPRODUCTION,
    PRODUCTION,
    TEMPLATES,
    environment,
    generate_deployment,
    run,
)

DRIVER = Path(__file__).with_name("deployment_driver.py")
RENDERED = Path(__file__).with_name("rendered") / "inference-prod.json"
OPTIONAL = {
    "real-time": ("app_infra/event_bridge", "app_infra/batch_inference", "CODEOWNERS"),
    "batch": ("app_infra/api_gateway", "app_infra/lambda/predict"),
}
RUN = Build(use_case="scoring", build_id="20260101T060000-1a2b3c4")


def of_kind(kind, folder):
    """Returns the removed paths of a folder that a kind of inference needs."""
    paths = [path for path in REMOVED[kind] if path not in OPTIONAL[kind]]
    return [path for path in paths if path.partition("/")[0] == folder]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Returns what the driver found in a repository with an endpoint."""
    folder = generate_deployment(tmp_path_factory.mktemp("real-time"))
    command = [environment() / "bin" / "python", DRIVER, folder, BUILD / "algorithms"]
    variables = {"OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "7"}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.requirement("REPO-19")
@pytest.mark.parametrize("kind", REMOVED)
def test_a_generated_repository_has_the_structure(found, kind):
    assert found["structure"][kind]["nothing"] == []


@pytest.mark.requirement("REPO-19")
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        pytest.param("real-time", "README.md", marks=pytest.mark.requirement("REPO-14")),
        *(
            pytest.param("real-time", path, marks=pytest.mark.requirement("REPO-14", "REPO-15"))
            for path in of_kind("real-time", "inference_config")
        ),
        *(
            pytest.param(kind, path, marks=pytest.mark.requirement("REPO-14", "REPO-16"))
            for kind in REMOVED
            for path in of_kind(kind, "app_infra")
        ),
        *(
            pytest.param("real-time", path, marks=pytest.mark.requirement("REPO-14", "REPO-17"))
            for path in of_kind("real-time", "tests")
        ),
    ],
)
def test_a_missing_mandatory_path_is_named(found, kind, path):
    faults = found["structure"][kind][path]
    assert faults
    assert all(fault.startswith(path) and fault.endswith(": missing") for fault in faults)
    assert f"{path}: missing" in faults


@pytest.mark.requirement("REPO-19")
@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in OPTIONAL.items() for path in paths])
def test_a_path_of_the_other_kind_is_optional(found, kind, path):
    assert found["structure"][kind][path] == []


@pytest.mark.requirement("REPO-18")
def test_the_tests_of_the_repository_pass_with_a_model_of_the_build_template(found):
    assert found["service"]["nothing"] == []


@pytest.mark.requirement("REPO-18")
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("answers in another order", "integration_test"),
        ("one answer for all", "integration_test"),
        ("no validation", "integration_test"),
        ("no validation", "stress_test"),
        ("shifted answers", "other_test"),
        ("inverted answers", "other_test"),
        ("one answer for all", "other_test"),
    ],
)
def test_a_faulty_service_fails_the_tests_of_the_repository(found, fault, kind):
    assert [test for test in found["service"][fault] if test.startswith(f"{kind}: ")]


def test_shifted_answers_are_found_by_the_test_of_their_distribution_alone(found):
    assert found["service"]["shifted answers"] == ["other_test: test_predictions_are_not_shifted"]


def test_the_contract_has_the_columns_of_the_model_of_the_build_template(found):
    assert found["contract"] == []


@pytest.mark.requirement("BI-02")
def test_batch_transform_gets_the_columns_with_which_the_api_answers(found):
    assert found["batch_differs_by"] < 1e-9


def test_both_repositories_have_the_same_list_of_dependencies():
    lists = [(TEMPLATES / name / "requirements.in").read_text() for name in ("build", "deployment")]
    own, other = ({line for line in text.splitlines() if not line.startswith("#")} for text in lists)
    assert own == other


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """Returns a repository with a batch pipeline, and what its command has rendered in ``build``."""
    folder = generate_deployment(tmp_path_factory.mktemp("batch"), problem="regression", inference="batch")
    done = run(folder, "render")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.nightly
def test_a_generated_repository_passes_all_checks_without_edits(batch):
    done = run(batch, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [f"{name}: ok" for name in ("structure", "settings", "lint", "types", "tests")]


@pytest.mark.requirement("BI-01")
def test_a_pipeline_renders_to_the_same_bytes_everywhere_and_without_aws(batch):
    """If a change of the template is meant to change the definition, copy the rendered file."""
    assert (batch / "build" / RENDERED.name).read_text() == RENDERED.read_text()


@pytest.mark.parametrize(
    ("name", "kind", "account"),
    [("staging", "preproduction", PREPRODUCTION), ("prod", "production", PRODUCTION)],
)
def test_policies_roles_and_layout_accept_the_pipeline(batch, name, kind, account):
    text = (batch / "build" / f"inference-{name}.json").read_text()
    role = UseCase(team="fraud", name="scoring", region="eu-west-1").role_name("pipeline", kind)
    arn = f"arn:aws:iam::{account}:role{ROLE_PATH}{role}"
    inputs = {"pipelineDefinition": text, "roleArn": arn}
    pipeline = Resource(type=PIPELINE[0], name="inference", properties=Properties(inputs))
    assert pipeline_steps_are_confined(pipeline) is None
    assert has_a_readable_definition(pipeline) is None
    found = json.loads(text)["Steps"]
    jobs = [step["Arguments"] for step in found if step["Type"] == "Processing"]
    assert {job["RoleArn"] for job in jobs} == {arn}
    outputs = [
        job_output["S3Output"]["S3Uri"] for job in jobs for job_output in job["ProcessingOutputConfig"]["Outputs"]
    ]
    outputs += [step["Arguments"]["TransformOutput"]["S3OutputPath"] for step in found if step["Type"] == "Transform"]
    assert len(outputs) == 6
    for output in outputs:
        start, _, end = output["Std:Join"]["Values"]
        place = f"s3://ml-{'preprod' if name == 'staging' else name}-fraud/"
        assert isinstance(parse_key(f"{start}{RUN.build_id}{end}data.csv".removeprefix(place)).folder, BuildPart)


def test_policies_accept_the_document_of_the_api(found):
    body = json.loads(found["rendered"]["openapi-prod.json"])
    inputs = {"body": json.dumps(body), "endpointConfiguration": {"types": ["PRIVATE"]}}
    api = Resource(type=REST_API[0], name="api", properties=Properties(inputs))
    assert is_private_and_authenticates(api) is None
    assert validates_requests(api) is None
    opened = copy.deepcopy(body)
    opened["paths"]["/v1/predictions"]["post"]["security"] = []
    unsafe = Resource(type=REST_API[0], name="api", properties=Properties({**inputs, "body": json.dumps(opened)}))
    assert is_private_and_authenticates(unsafe) is not None


@pytest.mark.parametrize(
    ("file", "is_matched"),
    [(RUN.input().key("_SUCCESS"), True), (RUN.input().key("data.csv"), False), (RUN.code().key("_SUCCESS"), False)],
)
def test_the_marker_of_an_input_in_the_layout_starts_batch_inference(batch, file, is_matched):
    rule = json.loads((batch / "build" / "start-batch-prod.json").read_text())
    pattern = parse(rule["EventPattern"])
    event = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": "ml-prod-fraud"}, "object": {"key": file}, "reason": "PutObject"},
    }
    assert matches(event, pattern) is is_matched
    assert not matches({**event, "detail": {**event["detail"], "bucket": {"name": "ml-preprod-fraud"}}}, pattern)


def refused_by_policies(inference):
    """Whether the rules about endpoints in production refuse a configuration (SM-14, SM-16, SM-17, ST-08)."""
    variant = {"initialInstanceCount": inference["instances"], "instanceType": inference["instance"]}
    folder = Monitoring(use_case="scoring", part="capture", subject="endpoint").prefix
    capture = {
        "enableCapture": True,
        "initialSamplingPercentage": inference["data_capture_percentage"],
        "captureOptions": [{"captureMode": "InputAndOutput"}],
        "kmsKeyId": f"arn:aws:kms:eu-west-1:{PRODUCTION}:key/3",
        "destinationS3Uri": f"s3://ml-prod-fraud-{PRODUCTION}-eu-west-1-an/{folder}",
    }
    properties = {"productionVariants": [variant], "dataCaptureConfig": capture}
    own = Provider("aws", Properties({"allowedAccountIds": json.dumps([PRODUCTION])}))
    configuration = Resource(
        type=CONFIGURATION[0], name="configuration", properties=Properties(properties), provider=own
    )
    deployment = inference["deployment"]
    shift = {
        "type": deployment["strategy"].replace("-", "_").upper(),
        "waitIntervalInSeconds": deployment["bake_seconds"],
    }
    config = {"blueGreenUpdatePolicy": {"trafficRoutingConfiguration": shift}}
    if deployment["alarms"]:
        alarms = [{"alarmName": alarm["metric"]} for alarm in deployment["alarms"]]
        config["autoRollbackConfiguration"] = {"alarms": alarms}
    endpoint = Resource(type=ENDPOINT[0], name="endpoint", properties=Properties({"deploymentConfig": config}))
    named = {alarm["metric"] for alarm in deployment["alarms"]}
    return (
        has_two_instances(configuration) is not None
        or captures_requests_and_responses(configuration) is not None
        or shifts_traffic_gradually(endpoint) is not None
        or inference["scaling"]["least"] < LEAST_INSTANCES
        or any(named.isdisjoint(name for _, name in metrics) for metrics in WATCHED.values())
    )


@pytest.mark.parametrize("change", CHANGES)
def test_check_refuses_in_production_what_the_policies_refuse(found, change):
    case = found["production"][change]
    assert bool(case["faults"]) is refused_by_policies(case["inference"])


def test_check_accepts_what_is_generated_and_another_gradual_deployment(found):
    assert [name for name, case in found["production"].items() if not case["faults"]] == ["as generated", "linear"]


@pytest.mark.requirement("RT-11", "CI-10.b")
def test_a_change_of_the_contract_that_breaks_callers_needs_a_new_major_version(found):
    (fault,) = found["broken_contract"]
    assert fault.startswith("app_infra/lambda/predict/contract.json: request.instances[].worst_fractal_dimension: ")
    assert "or write a new major version" in fault
