"""Documents that the command line renders, and the comparison of the contract with a model."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from generated import deployment_foundation, deployment_repository
from plinth_project.deployment.api import ASYNCHRONOUS_DOCUMENT, render_api
from plinth_project.deployment.batch import render_batch
from plinth_project.deployment.command import main
from plinth_project.deployment.contract import CONTRACT as PLACE
from plinth_project.deployment.contract import MODULE, Contract, read_contract
from plinth_project.deployment.events import render_rule
from plinth_project.deployment.inference import Arrival, Batch, Monitoring, Returned, Schedule
from plinth_project.deployment.monitoring import render_request
from plinth_project.documents import ProjectError

ARRIVAL = Batch(kind="batch", instance="ml.m5.large", volume_gib=30, minutes=60, start=Arrival(by="arrival"))
DAILY = ARRIVAL.model_copy(update={"start": Schedule(by="schedule", expression="rate(1 day)")})


def contract() -> Contract:
    return read_contract(deployment_repository())


def test_the_api_document_has_the_contract_and_the_function_of_its_environment() -> None:
    document = json.loads(render_api(deployment_repository(), deployment_foundation(), "prod"))
    schemas = document["components"]["schemas"]
    assert schemas["PredictionRequest"] == contract().request
    assert schemas["PredictionResponse"] == contract().response
    (path,) = document["paths"].values()
    function = deployment_foundation().function_arn("predict", "prod")
    assert f"/functions/{function}/invocations" in path["post"]["x-amazon-apigateway-integration"]["uri"]
    assert deployment_foundation().environments.prod.account_id in function
    assert path["post"]["security"] == [{"signature": []}]


def test_a_document_with_keys_requires_one_besides_the_signature() -> None:
    document = json.loads(
        render_api(deployment_repository(), deployment_foundation(), "prod", ASYNCHRONOUS_DOCUMENT, keys=True)
    )
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert [operation["security"] for operation in operations] == [[{"signature": []}, {"api_key": []}]] * 3
    assert document["components"]["securitySchemes"]["api_key"]["name"] == "x-api-key"


def test_the_document_of_asynchronous_inference_answers_later() -> None:
    document = json.loads(render_api(deployment_repository(), deployment_foundation(), "prod", ASYNCHRONOUS_DOCUMENT))
    posted, stored, result = (document["paths"][f"/v1/predictions{rest}"] for rest in ("", "/stored", "/{id}"))
    assert [set(path) for path in (posted, stored, result)] == [{"post"}, {"post"}, {"get"}]
    for operation in (posted["post"], stored["post"], result["get"]):
        assert operation["security"] == [{"signature": []}]
        assert "202" in operation["responses"]
        assert operation["x-amazon-apigateway-integration"]["uri"].endswith("-predict/invocations")


def test_a_new_major_version_needs_a_new_path(tmp_path: Path) -> None:
    for name in ("app_infra/api_gateway/openapi.json", PLACE, MODULE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(
            (deployment_repository() / name).read_text().replace('"version": "1.', '"version": "7.')
        )
    with pytest.raises(ProjectError, match=r"openapi\.json: has no path /v7/predictions"):
        render_api(tmp_path, deployment_foundation(), "staging")


def test_the_jobs_of_batch_inference_are_confined_and_belong_to_the_use_case() -> None:
    definition = json.loads(render_batch(deployment_repository(), deployment_foundation(), "staging", ARRIVAL))
    assert {parameter["Name"] for parameter in definition["Parameters"]} == {
        "BuildId",
        "Image",
        "ModelName",
        "VersionUri",
        "VersionArn",
    }
    kinds = {step["Name"]: step["Type"] for step in definition["Steps"]}
    assert list(kinds) == ["Prepare", "Score", "Report", "Drift", "Compare"]
    account = deployment_foundation().environments.staging
    for job in (step["Arguments"] for step in definition["Steps"] if step["Type"] == "Processing"):
        assert job["ProcessingJobName"].startswith(
            f"{deployment_foundation().team}--{deployment_foundation().use_case}-"
        )
        assert job["RoleArn"].endswith("-preprod-pipeline")
        assert job["NetworkConfig"]["EnableNetworkIsolation"]
        assert job["NetworkConfig"]["VpcConfig"]["Subnets"] == account.subnets
        assert job["ProcessingOutputConfig"]["KmsKeyId"] == account.key_arn
        assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}


def test_jobs_of_inference_and_of_monitoring_are_in_the_bill_of_the_use_case() -> None:
    foundation = deployment_foundation()
    definition = json.loads(render_batch(deployment_repository(), foundation, "prod", ARRIVAL))
    jobs = [step["Arguments"] for step in definition["Steps"] if step["Type"] in ("Processing", "Transform")]
    version = {"version_uri": "s3://models/fraud/", "version_arn": "arn:aws:sagemaker:eu-west-1:1:model-package/m/1"}
    monitored = Monitoring(window="day")
    comparison = json.loads(render_request(foundation, "prod", monitored, image="image@sha256:1", **version))
    expected = {
        **foundation.tags,
        "plinth:stack": f"{foundation.team}-production",
        "plinth:team": foundation.team,
        "plinth:environment": "production",
        "plinth:lifecycle": "ephemeral",
        "plinth:use-case": foundation.use_case,
    }
    assert {"plinth:owner", "plinth:cost-centre"} <= expected.keys()
    for job in [*jobs, comparison]:
        assert {tag["Key"]: tag["Value"] for tag in job["Tags"]} == expected


def test_the_transform_is_encrypted_and_keeps_the_number_of_the_row_from_the_model() -> None:
    definition = json.loads(render_batch(deployment_repository(), deployment_foundation(), "staging", ARRIVAL))
    (job,) = (step["Arguments"] for step in definition["Steps"] if step["Type"] == "Transform")
    key = deployment_foundation().environments.staging.key_arn
    assert (job["TransformOutput"]["KmsKeyId"], job["TransformResources"]["VolumeKmsKeyId"]) == (key, key)
    assert job["ModelName"] == {"Get": "Parameters.ModelName"}
    assert job["DataProcessing"]["InputFilter"] == "$[1:]"


def test_results_return_to_the_lake_before_drift_ends_the_run() -> None:
    returned = Returned(dataset="scores", drop_point="drop-3x-s3alias")
    configured = ARRIVAL.model_copy(update={"returned_to": returned})
    definition = json.loads(
        render_batch(deployment_repository(), deployment_foundation(), "staging", configured, {"Image": "i"})
    )
    job, compare = definition["Steps"][-2:]
    assert compare["DependsOn"] == [job["Name"]] == ["Return"]
    target = job["Arguments"]["AppSpecification"]["ContainerArguments"][-1]["Std:Join"]["Values"]
    folder = f"results/scores/{deployment_foundation().team}/preproduction"
    assert target == [f"s3://drop-3x-s3alias/{folder}/", {"Get": "Parameters.BuildId"}, ".csv"]
    assert not job["Arguments"]["NetworkConfig"]["EnableNetworkIsolation"]
    defaults = {parameter["Name"]: parameter.get("DefaultValue") for parameter in definition["Parameters"]}
    assert (defaults["Image"], defaults["BuildId"]) == ("i", None)


def test_jobs_that_wait_for_each_other_are_refused(tmp_path: Path) -> None:
    place = "app_infra/batch_inference/ml-pipeline-inference.py"
    (tmp_path / place).parent.mkdir(parents=True)
    source = (deployment_repository() / place).read_text()
    circular = source.replace("return [prepare,", 'prepare["DependsOn"] = ["Score"]\n    return [prepare,')
    (tmp_path / place).write_text(circular)
    with pytest.raises(ProjectError, match=f"^{place}: step Prepare at /Steps/0 waits for itself: "):
        render_batch(tmp_path, deployment_foundation(), "staging", ARRIVAL)


def test_a_rule_has_the_pattern_of_its_bucket_or_the_schedule() -> None:
    arrival = json.loads(render_rule(deployment_repository(), deployment_foundation(), "prod", ARRIVAL))
    pattern = json.loads(arrival["EventPattern"])
    assert pattern["detail"]["bucket"] == {"name": [deployment_foundation().environments.prod.bucket]}
    assert (
        json.loads(render_rule(deployment_repository(), deployment_foundation(), "prod", DAILY))["ScheduleExpression"]
        == "rate(1 day)"
    )


def test_the_command_writes_a_file_for_each_environment(capsys: pytest.CaptureFixture[str]) -> None:
    main(deployment_repository(), ["render"])
    files = capsys.readouterr().out.split()
    assert [Path(file).stem.rpartition("-")[2] for file in files] in (
        ["staging", "prod"],
        ["staging", "staging", "prod", "prod"],
    )
    assert all((deployment_repository() / file).is_file() for file in files)


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """A folder of a registered version that the contract describes."""
    about = {"problem": contract().problem, "target": contract().target, "features": list(contract().columns)}
    body = json.dumps(about).encode()
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("about.json")
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    describe(tmp_path, dict.fromkeys(contract().columns, "Fractional"))
    return tmp_path


def describe(folder: Path, kinds: dict[str, str], completeness: float = 1.0) -> None:
    features: list[dict[str, Any]] = [{"name": name, "inferred_type": kind} for name, kind in kinds.items()]
    (folder / "statistics.json").write_text(json.dumps({"features": features}))
    limits = {"completeness": completeness, "num_constraints": {"is_non_negative": True}}
    (folder / "constraints.json").write_text(json.dumps({"features": [{**feature, **limits} for feature in features]}))


def test_a_contract_of_its_model_has_no_difference(version: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(deployment_repository(), ["contract", str(version)])
    assert contract().version in capsys.readouterr().out


def test_columns_that_differ_are_named(version: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = next(iter(contract().columns))
    describe(version, {**dict.fromkeys(contract().columns, "Fractional"), first: "String"})
    with pytest.raises(SystemExit):
        main(deployment_repository(), ["contract", str(version)])
    assert f"{first}: number in the contract, string in the training data" in capsys.readouterr().err


def test_a_new_contract_is_written(version: Path, tmp_path: Path) -> None:
    describe(version, dict.fromkeys(contract().columns, "Integral"), completeness=0.5)
    file = tmp_path / PLACE
    file.parent.mkdir(parents=True)
    for name in (PLACE, MODULE):
        (tmp_path / name).write_text((deployment_repository() / name).read_text())
    main(tmp_path, ["contract", str(version), "--write", "2.0.0"])
    written = read_contract(tmp_path)
    assert written.version == "2.0.0"
    assert set(map(json.dumps, written.columns.values())) == {'{"type": "integer", "minimum": 0, "nullable": true}'}


def test_a_folder_that_is_no_version_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(deployment_repository(), ["contract", str(tmp_path)])
    assert "statistics.json: missing; name the folder of a version" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--against", "local", "--model", "none.tar.gz"], "none.tar.gz: missing"),
        (["--against", "api"], "API_URL: not set"),
    ],
)
def test_tests_need_a_service(words: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(deployment_repository(), ["test", *words])
    assert reason in capsys.readouterr().err
