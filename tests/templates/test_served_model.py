"""A model of the build template answers on an endpoint of the sandbox as it does on this machine."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from plinth_sandbox.waiting import LONGEST_SECONDS
from tests.templates.projects import BUILD, environment

pytestmark = pytest.mark.nightly

SAMPLE = next((BUILD / "algorithms/preprocessing/split/test/input").glob("*classification*"))
TARGET, ROWS = "benign", 20
PREDICT = """
import json, sys
from pathlib import Path
import pandas as pd
folder = Path(sys.argv[1])
sys.path.insert(0, str(folder / "code"))
from inference.serve.predictor import Predictor
print(json.dumps(Predictor.load(folder).predictions(pd.read_csv(sys.argv[2]))))
"""
"""Predicts a table with the code and the model of a folder, without HTTP."""


def python(*words: str, **variables: str) -> str:
    """Runs Python in the environment of generated projects."""
    command = [str(environment() / "bin" / "python"), *words]
    own = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", **variables}
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def rows() -> list[dict[str, float]]:
    with SAMPLE.open(newline="") as file:
        return [
            {name: float(value) for name, value in line.items() if name != TARGET}
            for line, _ in zip(csv.DictReader(file), range(ROWS), strict=False)
        ]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of a model that the training step has left."""
    folder = tmp_path_factory.mktemp("model")
    for part in ("train", "validation"):
        (folder / part).mkdir()
        (folder / part / "data.csv").write_bytes(SAMPLE.read_bytes())
    settings = {"problem": "classification", "target": TARGET, "seed": "1", "max_iter": "5"}
    (folder / "hyperparameters.json").write_text(json.dumps(settings))
    given = {f"{part.upper()}_PATH": str(folder / part) for part in ("train", "validation", "model")}
    variables = {"HYPERPARAMETERS_PATH": str(folder / "hyperparameters.json"), "PYTHONPATH": str(BUILD / "algorithms")}
    python("-m", "training.train", **given, **variables)
    return folder / "model"


@pytest.fixture(scope="module")
def endpoint(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """Yields a sandbox with the endpoint ``scoring``, which serves the model without a network."""
    archive = tmp_path_factory.mktemp("archive") / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for path in sorted(trained.iterdir()):
            packed.add(path, path.name)
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as aws:
        (aws.directory / "images.json").write_text(json.dumps({"*/train:*": str(environment())}))
        s3, sagemaker = aws.client("s3"), aws.client("sagemaker")
        s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="models", Key="1/model.tar.gz", Body=archive.read_bytes())
        sagemaker.create_model(
            ModelName="scoring",
            ExecutionRoleArn=aws.role("scoring", "sagemaker"),
            EnableNetworkIsolation=True,
            PrimaryContainer={
                "Image": f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com/fraud/train:1",
                "ModelDataUrl": "s3://models/1/model.tar.gz",
                "Environment": {"SM_MODEL_DIR": "/opt/ml/model"},
            },
        )
        serve(aws, "scoring")
        yield aws


def serve(aws: EmulatedAws, name: str) -> None:
    """Creates an endpoint with the name of its model, and waits for it."""
    sagemaker = aws.client("sagemaker")
    variant = {"VariantName": "all", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    waiter = sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": LONGEST_SECONDS})


def invoke(aws: EmulatedAws, body: str, endpoint: str = "scoring", **more: str) -> str:
    found: dict[str, Any] = aws.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint, Body=body.encode(), **more
    )
    return str(found["Body"].read().decode())


@pytest.mark.requirement("PROM-09")
def test_an_endpoint_predicts_what_the_archive_predicts_on_this_machine(
    endpoint: EmulatedAws, trained: Path, rows: list[dict[str, float]]
) -> None:
    expected = json.loads(python("-c", PREDICT, str(trained), str(SAMPLE)))[:ROWS]
    assert len(set(expected)) > 1
    body = json.dumps({"instances": rows})
    assert json.loads(invoke(endpoint, body, ContentType="application/json")) == {"predictions": expected}
    lines = "\n".join(",".join(map(str, row.values())) for row in rows)
    assert [float(line) for line in invoke(endpoint, lines, ContentType="text/csv").splitlines()] == expected


def test_a_malformed_request_is_the_fault_of_the_caller(endpoint: EmulatedAws) -> None:
    with pytest.raises(ClientError, match="columns are missing: mean_radius") as refused:
        invoke(endpoint, '{"instances": [{}]}', ContentType="application/json")
    assert refused.value.response["OriginalStatusCode"] == 400


@pytest.mark.requirement("RT-06", "TR-11")
def test_containers_of_a_registered_version_predict_in_series_what_one_predicts(
    endpoint: EmulatedAws, rows: list[dict[str, float]]
) -> None:
    sagemaker = endpoint.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="scoring-main")
    container = sagemaker.describe_model(ModelName="scoring")["PrimaryContainer"]
    registered = {member: container[member] for member in ("Image", "ModelDataUrl", "Environment")}
    version = sagemaker.create_model_package(
        ModelPackageGroupName="scoring-main",
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [registered],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]
    parts = ("preprocess", "predict", "postprocess")
    sagemaker.create_model(
        ModelName="series",
        ExecutionRoleArn=endpoint.role("series", "sagemaker"),
        EnableNetworkIsolation=True,
        Containers=[{"ModelPackageName": version, "Environment": {"SERVE_PARTS": part}} for part in parts],
    )
    serve(endpoint, "series")
    gap = [{**rows[0], "mean_radius": None}]
    for body in (json.dumps({"instances": rows}), json.dumps({"instances": gap})):
        told = {"ContentType": "application/json", "Accept": "application/json"}
        assert json.loads(invoke(endpoint, body, "series", **told)) == json.loads(invoke(endpoint, body, **told))
    with pytest.raises(ClientError, match="columns are missing: mean_radius") as refused:
        invoke(endpoint, '{"instances": [{}]}', "series", ContentType="application/json")
    assert refused.value.response["OriginalStatusCode"] == 400
