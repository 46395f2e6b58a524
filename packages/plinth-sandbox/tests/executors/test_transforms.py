"""SageMaker transform jobs send the records of their objects to a model, and store its answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from executors.transforming import CSV, LINES, Scoring
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually


@pytest.fixture(scope="module")
def scoring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scoring]:
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield Scoring(server)


def test_each_object_below_a_prefix_has_a_result_in_the_order_of_its_records(scoring: Scoring) -> None:
    scoring.put("day/one.csv", "1,2\n3,4\n")
    scoring.put("day/deep/two.csv", "5,5")
    found = scoring.run("day")
    assert found["TransformJobStatus"] == "Completed", found.get("FailureReason")
    assert scoring.results("day") == {"one.csv.out": "30\n70\n", "deep/two.csv.out": "100\n"}
    assert found["DataProcessing"] == {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    assert found["TransformInput"]["CompressionType"] == "None"
    assert found["TransformStartTime"] <= found["TransformEndTime"]
    # All records of an object fit into one request.
    assert sorted(scoring.log("day")) == ["model {'factor': 10}", "rows 1 batch true", "rows 2 batch true"]
    (line,) = scoring.log("day", of_sagemaker=True)
    assert line.endswith("[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD")
    listed = scoring.sagemaker.list_transform_jobs(StatusEquals="Completed", NameContains="day")
    assert [job_summary["TransformJobName"] for job_summary in listed["TransformJobSummaries"]] == ["day"]
    assert refusal(scoring.sagemaker.create_transform_job, **scoring.request("day")) == "ResourceInUse"


def test_a_manifest_names_objects_whose_records_are_sent_one_by_one(scoring: Scoring) -> None:
    for name in ("a", "b", "c"):
        scoring.put(f"listed/{name}.csv", "".join(f"{number},0\n" for number in range(10)))
    scoring.put("listed.manifest", json.dumps([{"prefix": "s3://arrivals/listed/"}, "a.csv", "c.csv"]))
    data = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": "s3://arrivals/listed.manifest"}}
    wanted = {"BatchStrategy": "SingleRecord", "MaxConcurrentTransforms": 4, "MaxPayloadInMB": 1}
    scoring.run("manifest", source={"DataSource": data}, **wanted)
    answers = "".join(f"{10 * number}\n" for number in range(10))
    assert scoring.results("manifest") == {"a.csv.out": answers, "c.csv.out": answers}
    assert scoring.log("manifest").count("rows 1 batch true") == 20


def test_an_object_that_is_not_split_is_one_request_and_its_result_is_encrypted(scoring: Scoring) -> None:
    key = scoring.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    scoring.put("whole/number.json.gz", gzip.compress(b"21"))
    source = {"SplitType": "None", "CompressionType": "Gzip"}
    scoring.run("whole", "application/json", source, {"AssembleWith": "None", "KmsKeyId": key})
    assert scoring.results("whole") == {"number.json.gz.out": "210"}
    head = scoring.s3.head_object(Bucket="scores", Key="whole/number.json.gz.out")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def test_a_container_proposes_what_the_request_leaves_open(scoring: Scoring) -> None:
    proposed = {"MaxConcurrentTransforms": 2, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 3}
    scoring.service.model("proposing")
    scoring.service.store("proposing", factor=1, parameters=proposed)
    scoring.put("proposed/one.csv", "1\n2\n")
    scoring.run("proposed", ModelName="proposing", MaxPayloadInMB=5)
    (line,) = scoring.log("proposed", of_sagemaker=True)
    assert line.endswith("MaxConcurrentTransforms=2, MaxPayloadInMB=5, BatchStrategy=SINGLE_RECORD")
    assert scoring.log("proposed").count("rows 1 batch true") == 2


def test_ids_are_kept_from_the_model_and_joined_with_its_answer(scoring: Scoring) -> None:
    scoring.put("ids/one.csv", 'a,1,2\n"b, c",3,4\n')
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    found = scoring.run("ids", DataProcessing=processing)
    assert found["TransformJobStatus"] == "Completed", found.get("FailureReason")
    assert scoring.results("ids") == {"one.csv.out": 'a,30\n"b, c",70\n'}


def test_a_failing_object_has_no_result_and_the_others_have(scoring: Scoring) -> None:
    scoring.put("mixed/bad.csv", "1\nstatus 400")
    scoring.put("mixed/good.csv", "1\n")
    scoring.put("mixed/large.csv", b"1" * (1024 * 1024 + 1))
    scoring.put("mixed/refused.csv", "status 400")
    found = scoring.run("mixed", ModelClientConfig={"InvocationsMaxRetries": 0}, MaxPayloadInMB=1)
    assert found["TransformJobStatus"] == "Failed"
    # The model cannot read the first object and does not answer. It refuses the last one.
    assert found["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert scoring.results("mixed") == {"good.csv.out": "10\n"}
    said = "\n".join(line.partition("[sagemaker logs]: ")[2] for line in scoring.log("mixed", of_sagemaker=True))
    assert "arrivals/mixed/bad.csv: Unable to get response from algorithm" in said
    assert "arrivals/mixed/large.csv: Too much data for max payload size" in said
    assert "arrivals/mixed/refused.csv: ClientError: 400" in said
    assert "arrivals/mixed/refused.csv: told so" in said


def test_a_job_without_objects_fails(scoring: Scoring) -> None:
    found = scoring.run("nothing")
    assert found["FailureReason"].startswith('ClientError: No S3 objects found under S3 URL "s3://arrivals/nothing/"')


def test_a_model_that_does_not_answer_health_checks_fails_the_job(scoring: Scoring) -> None:
    scoring.service.model("sick")
    scoring.service.store("sick", fails=True)
    scoring.put("sick/one.csv", "1\n")
    found = scoring.run("sick", ModelName="sick")
    assert found["FailureReason"].startswith("AlgorithmError: Model container failed to respond to ping.")
    assert "the model does not load" in scoring.log("sick")


def test_the_role_of_the_model_reads_and_writes(scoring: Scoring) -> None:
    scoring.put("denied/one.csv", "1\n")
    statement = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::scores/denied/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = scoring.aws.client("iam")
    iam.put_role_policy(RoleName="served-model", PolicyName="denied", PolicyDocument=document)
    found = scoring.run("denied")
    iam.delete_role_policy(RoleName="served-model", PolicyName="denied")
    assert "is not authorized to perform: s3:PutObject" in found["FailureReason"]


def test_an_isolated_model_answers(scoring: Scoring) -> None:
    scoring.service.model("isolated", 2, EnableNetworkIsolation=True)
    scoring.put("isolated/one.csv", "who")
    scoring.run("isolated", ModelName="isolated")
    assert scoring.results("isolated") == {"one.csv.out": "nobody\n"}


def test_a_stopped_job_leaves_no_results(scoring: Scoring) -> None:
    scoring.put("stopped/one.csv", "1\n")
    scoring.put("stopped/two.csv", "wait")
    scoring.sagemaker.create_transform_job(**scoring.request("stopped"))
    scoring.sagemaker.stop_transform_job(TransformJobName="stopped")
    assert scoring.ended("stopped")["TransformJobStatus"] == "Stopped"
    assert scoring.results("stopped") == {}
    assert refusal(scoring.sagemaker.stop_transform_job, TransformJobName="stopped") == "ValidationException"
    assert refusal(scoring.sagemaker.stop_transform_job, TransformJobName="unknown") == "ResourceNotFound"


REFUSED: dict[str, dict[str, Any]] = {
    "no such model": {"ModelName": "none"},
    "payload": {"MaxPayloadInMB": 101},
    "product": {"MaxPayloadInMB": 26, "MaxConcurrentTransforms": 4},
    "product with the default payload": {"MaxConcurrentTransforms": 17},
    "instances": {"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 101}},
    "disks": {"TransformResources": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeKmsKeyId": "key"}},
    "manifest": {
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "AugmentedManifestFile", "S3Uri": "s3://a/b"}}}
    },
    "path": {"DataProcessing": {"InputFilter": "value"}},
    "names in rows": {"DataProcessing": {"InputFilter": "$.value"}},
    "instance type": {"TransformResources": {"InstanceType": "ml.m7g.large", "InstanceCount": 1}},
}  # fmt: skip


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_what_sagemaker_refuses_is_refused(scoring: Scoring, changes: dict[str, Any]) -> None:
    create = scoring.sagemaker.create_transform_job
    assert refusal(create, **{**scoring.request("refused"), **changes}) == "ValidationException"
    assert refusal(scoring.sagemaker.describe_transform_job, TransformJobName="refused") == "ResourceNotFound"


@pytest.mark.parametrize(
    ("kind", "source", "output"),
    [
        ("text/plain", {}, {}),
        (CSV, {}, {"Accept": LINES}),
        (CSV, {"SplitType": "None"}, {}),
        (CSV, {}, {"AssembleWith": "None"}),
    ],
)
def test_a_join_needs_records_of_one_format(
    scoring: Scoring, kind: str, source: dict[str, str], output: dict[str, str]
) -> None:
    request = scoring.request("refused", kind, source, output, DataProcessing={"JoinSource": "Input"})
    assert refusal(scoring.sagemaker.create_transform_job, **request) == "ValidationException"


@pytest.mark.parametrize(
    "changes",
    [
        {"DataProcessing": {"InputFilter": "$[1:3]"}},
        {"DataCaptureConfig": {"DestinationS3Uri": "s3://scores/captured"}},
    ],
)
def test_what_the_sandbox_does_not_run_is_unsupported(scoring: Scoring, changes: dict[str, Any]) -> None:
    request = {**scoring.request("refused"), **changes}
    assert refusal(scoring.sagemaker.create_transform_job, **request) == "NotImplementedBySandbox"


def test_a_model_with_a_data_source_is_refused(scoring: Scoring) -> None:
    source = {"S3DataSource": {"S3Uri": "s3://models/sum/", "S3DataType": "S3Prefix", "CompressionType": "None"}}
    container = {key: value for key, value in scoring.service.container("sum").items() if key != "ModelDataUrl"}
    given = {"PrimaryContainer": {**container, "ModelDataSource": source}, "ExecutionRoleArn": scoring.service.role}
    scoring.sagemaker.create_model(ModelName="sourced", **given)
    request = scoring.request("refused", ModelName="sourced")
    assert refusal(scoring.sagemaker.create_transform_job, **request) == "ValidationException"


def test_a_pipeline_transforms_and_hands_on_the_location(scoring: Scoring) -> None:
    scoring.put("step/one.csv", "1\n")
    pipeline = scoring.aws.role("scoring-pipeline", "sagemaker")
    arguments = {name: value for name, value in scoring.request("step").items() if name != "TransformJobName"}
    reached = {"Get": "Steps.Score.TransformOutput.S3OutputPath"}
    message = {"Std:Join": {"On": " ", "Values": ["in", reached]}}
    steps = [
        {"Name": "Score", "Type": "Transform", "Arguments": arguments},
        {"Name": "Tell", "Type": "Fail", "Arguments": {"ErrorMessage": message}},
    ]
    definition = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": steps})
    given = {"PipelineName": "score", "RoleArn": pipeline, "ClientRequestToken": "t" * 32}
    scoring.sagemaker.create_pipeline(**given, PipelineDefinition=definition)
    start = scoring.sagemaker.start_pipeline_execution
    arn = start(PipelineName="score", ClientRequestToken="s" * 32)["PipelineExecutionArn"]

    def look() -> dict[str, Any] | None:
        listed = scoring.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
        found = {execution_step["StepName"]: execution_step for execution_step in listed["PipelineExecutionSteps"]}
        return found if found.get("Tell", {}).get("StepStatus") == "Failed" else None

    found = eventually(look)
    assert found["Tell"]["FailureReason"] == "in s3://scores/step"
    job = found["Score"]["Metadata"]["TransformJob"]["Arn"]
    assert job.startswith(f"arn:aws:sagemaker:{REGION}:{MANAGEMENT}:transform-job/pipelines-")
    assert scoring.results("step") == {"one.csv.out": "10\n"}
