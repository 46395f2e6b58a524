"""The function that starts the comparison of a window, and the request and the code that a release gives it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from plinth_project.deployment.monitoring import code_files
from plinth_project.monitoring.start import FailedJobError, Starter
from plinth_project.monitoring.windows import Window

NOW = datetime(2026, 11, 27, 14, 20, 30, tzinfo=UTC)
SCHEDULED = {"source": "aws.events", "time": "2026-11-27T14:20:00Z"}
REQUEST = {
    "ProcessingJobName": "fraud--scoring-prod-monitor",
    "AppSpecification": {"ContainerArguments": ["--report", "/opt/ml/processing/report"]},
    "ProcessingInputs": [{"InputName": "code", "S3Input": {"S3Uri": "s3://ml/scoring/monitoring/code/"}}],
    "ProcessingOutputConfig": {"Outputs": [{"S3Output": {"S3Uri": "s3://ml/scoring/monitoring/results/00003/"}}]},
}


class Bucket:
    def __init__(self):
        self.objects = {}

    def put_object(self, *, Bucket, Key, Body, IfNoneMatch):  # noqa: N803
        assert IfNoneMatch == "*"
        if Key in self.objects:
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        self.objects[Key] = Body


class SageMaker:
    def __init__(self):
        self.jobs = {}

    def create_processing_job(self, **request):
        if request["ProcessingJobName"] in self.jobs:
            raise ClientError({"Error": {"Code": "ResourceInUse"}}, "CreateProcessingJob")
        self.jobs[request["ProcessingJobName"]] = request

    def describe_processing_job(self, ProcessingJobName):  # noqa: N803
        if ProcessingJobName not in self.jobs:
            raise ClientError({"Error": {"Code": "ResourceNotFound"}}, "DescribeProcessingJob")
        return {"ProcessingJobStatus": "Completed", **self.jobs[ProcessingJobName]}


@pytest.fixture
def starter(tmp_path):
    for name, file in code_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(file.read_bytes())
    (tmp_path / "request.json").write_text(json.dumps(REQUEST))
    subject = {"window": "hour", "bucket": "ml", "results": "scoring/monitoring/results/00003/"}
    (tmp_path / "subject.json").write_text(json.dumps(subject))
    return Starter(s3=Bucket(), sagemaker=SageMaker(), code=tmp_path)


@pytest.mark.requirement("MON-04.b")
def test_a_schedule_compares_the_last_complete_window_once_however_often_its_event_arrives(starter):
    started = [starter.start(SCHEDULED, NOW) for _ in range(2)]
    assert started == [{"job": "fraud--scoring-prod-monitor-20261127T13", "window": "2026-11-27T13"}] * 2
    (job,) = starter.sagemaker.jobs.values()
    assert job["AppSpecification"]["ContainerArguments"][-2:] == ["--window", "2026-11-27T13"]
    (output,) = job["ProcessingOutputConfig"]["Outputs"]
    assert output["S3Output"]["S3Uri"] == "s3://ml/scoring/monitoring/results/00003/2026-11-27T13/"


def test_a_failed_job_is_an_error_of_the_next_start_which_starts_its_own_job(starter):
    starter.start(SCHEDULED, NOW)
    (job,) = starter.sagemaker.jobs.values()
    job |= {"ProcessingJobStatus": "Failed", "FailureReason": "AlgorithmError: exit code 1"}
    with pytest.raises(FailedJobError, match="20261127T13 is Failed: AlgorithmError: exit code 1"):
        starter.start({**SCHEDULED, "time": "2026-11-27T15:20:00Z"}, NOW)
    assert list(starter.sagemaker.jobs) == [
        "fraud--scoring-prod-monitor-20261127T13",
        "fraud--scoring-prod-monitor-20261127T14",
    ]


def test_the_code_of_the_release_is_stored_once_under_its_digest(starter):
    starter.start(SCHEDULED, NOW)
    stored = dict(starter.s3.objects)
    starter.start({}, NOW)
    assert starter.s3.objects == stored
    (folder,) = {key.partition("plinth_project")[0].partition("subject.json")[0] for key in stored}
    assert folder.startswith("scoring/monitoring/code/")
    assert {key.removeprefix(folder) for key in stored} == {*code_files(), "subject.json"}
    for job in starter.sagemaker.jobs.values():
        assert job["ProcessingInputs"][0]["S3Input"]["S3Uri"] == f"s3://ml/{folder}"


def test_other_code_has_another_folder(starter):
    starter.start(SCHEDULED, NOW)
    before = set(starter.s3.objects)
    (starter.code / "plinth_project" / "monitoring" / "windows.py").write_text("changed")
    starter.start({}, NOW)
    assert set(starter.s3.objects) > before
    folders = {job["ProcessingInputs"][0]["S3Input"]["S3Uri"] for job in starter.sagemaker.jobs.values()}
    assert len(folders) == 2


def test_a_person_may_ask_for_a_window_again_and_for_the_present_one(starter):
    assert starter.start({}, NOW)["window"] == "2026-11-27T14"
    again = starter.start({"window": "2026-11-27T13"}, NOW)
    assert again == {"job": "fraud--scoring-prod-monitor-20261127T13-142030", "window": "2026-11-27T13"}


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ("2026-11-27", "is not one hour; write for example 2026-11-27T13"),
        ("2026-11-27T15", "is in the future; the present one is 2026-11-27T14"),
        ("yesterday", "is none; write a day such as 2026-11-27"),
        ("2026-13-27T01", "is none"),
    ],
)
def test_another_window_is_refused_before_anything_is_stored(starter, window, message):
    with pytest.raises(ValueError, match=message):
        starter.start({"window": window}, NOW)
    assert not starter.s3.objects
    assert not starter.sagemaker.jobs


def test_windows_follow_each_other_and_name_the_folders_of_their_captures():
    hour, day = Window.named("2026-11-27T23"), Window.named("2026-11-27")
    assert (hour.folder, day.folder) == ("2026/11/27/23/", "2026/11/27/")
    assert Window.around(hour.end, "hour").name == "2026-11-28T00"
    assert Window.before(day.end, "day") == day
