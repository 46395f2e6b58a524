"""A job run executes its script with the job's role: it reads objects and writes partitions of a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyarrow.parquet
import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.credentials import management_keys
from plinth_sandbox.emulator.executors.task_runner import Task, TaskRunner, outcome_of
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.testing import EmulatedAws
from plinth_sandbox.waiting import eventually

ROLE = "lake-etl"
COPY = """
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions

told = getResolvedOptions(sys.argv, ["JOB_NAME", "source", "target"])
context = GlueContext(SparkContext.getOrCreate())
job = Job(context)
job.init(told["JOB_NAME"], told)
read = context.create_dynamic_frame.from_options(
    connection_type="s3",
    connection_options={"paths": [told["source"]], "recurse": True},
    format="json",
    transformation_ctx="landed",
)
if read.count():
    rows = read.toDF().withColumn("amount", functions.col("amount").cast("decimal(12,2)"))
    sink = context.getSink(
        connection_type="s3", path=told["target"], partitionKeys=["day"], enableUpdateCatalog=True,
        updateBehavior="LOG", transformation_ctx="written",
    )
    sink.setFormat("glueparquet")
    sink.setCatalogInfo(catalogDatabase="historical", catalogTableName="cards")
    sink.writeFrame(DynamicFrame.fromDF(rows, context, "rows"))
job.commit()
"""


@pytest.fixture
def make_job(aws: EmulatedAws) -> Callable[..., None]:
    """Creates buckets, a role, a table and a job ``cards`` that runs a script."""

    def make(script: str = COPY, **changes: Any) -> None:
        s3, glue = aws.client("s3"), aws.client("glue")
        for bucket in ("scripts", "landing", "curated"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket="scripts", Key="cards/1.py", Body=script.encode())
        glue.create_database(DatabaseInput={"Name": "historical"})
        described = {"Columns": [{"Name": "amount", "Type": "decimal(12,2)"}], "Location": "s3://curated/cards/"}
        table = {"Name": "cards", "PartitionKeys": [{"Name": "day", "Type": "date"}], "StorageDescriptor": described}
        glue.create_table(DatabaseName="historical", TableInput=table)
        settings = {
            "Name": "cards",
            "Role": aws.role(ROLE, "glue"),
            "Command": {"Name": "glueetl", "ScriptLocation": "s3://scripts/cards/1.py", "PythonVersion": "3"},
            "GlueVersion": "5.0",
            "DefaultArguments": {
                "--source": "s3://landing/cards/",
                "--target": "s3://curated/cards",
                "--job-bookmark-option": "job-bookmark-enable",
            },
        }
        glue.create_job(**{**settings, **changes})

    return make


def run(aws: EmulatedAws, *, until: str = "SUCCEEDED") -> dict[str, Any]:
    """Starts the job and waits for its end."""
    glue = aws.client("glue")
    return ended(aws, glue.start_job_run(JobName="cards")["JobRunId"], until)


def ended(aws: EmulatedAws, run: str, state: str) -> dict[str, Any]:
    glue = aws.client("glue")

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = glue.get_job_run(JobName="cards", RunId=run)["JobRun"]
        return found if found["JobRunState"] not in ("WAITING", "RUNNING") else None

    found = eventually(look)
    assert found["JobRunState"] == state, found.get("ErrorMessage")
    return found


def land(aws: EmulatedAws, name: str, *rows: dict[str, object]) -> None:
    body = "\n".join(json.dumps(row) for row in rows)
    aws.client("s3").put_object(Bucket="landing", Key=f"cards/2026/{name}.json", Body=body.encode())


def curated(aws: EmulatedAws) -> dict[str, list[Any]]:
    """Returns the amounts by folder."""
    s3, found = aws.client("s3"), {}
    for object_ in s3.list_objects_v2(Bucket="curated").get("Contents", []):
        body = s3.get_object(Bucket="curated", Key=object_["Key"])["Body"].read()
        amounts = pyarrow.parquet.read_table(BytesIO(body))["amount"].to_pylist()
        found.setdefault(object_["Key"].rpartition("/")[0], []).extend(str(amount) for amount in amounts)
    return found


def partitions(aws: EmulatedAws) -> dict[str, str]:
    told = aws.client("glue").get_partitions(DatabaseName="historical", TableName="cards")["Partitions"]
    return {partition["Values"][0]: partition["StorageDescriptor"]["Location"] for partition in told}


def test_a_run_reads_what_is_new_and_adds_its_partitions_to_the_data_catalog(
    aws: EmulatedAws, make_job: Callable[..., None]
) -> None:
    make_job()
    land(aws, "a", {"amount": "1.5", "day": "2026-01-01"}, {"amount": "2", "day": "2026-01-02"})
    run(aws)
    assert curated(aws) == {"cards/day=2026-01-01": ["1.50"], "cards/day=2026-01-02": ["2.00"]}
    land(aws, "b", {"amount": "3", "day": "2026-01-02"}, {"amount": "4", "day": "2026-01-03"})
    run(aws)
    run(aws)
    assert {folder: sorted(amounts) for folder, amounts in curated(aws).items()} == {
        "cards/day=2026-01-01": ["1.50"],
        "cards/day=2026-01-02": ["2.00", "3.00"],
        "cards/day=2026-01-03": ["4.00"],
    }
    assert partitions(aws) == {f"2026-01-0{day}": f"s3://curated/cards/day=2026-01-0{day}/" for day in (1, 2, 3)}


def test_a_reset_bookmark_makes_a_job_read_everything_again(aws: EmulatedAws, make_job: Callable[..., None]) -> None:
    make_job()
    land(aws, "a", {"amount": "1", "day": "2026-01-01"})
    run(aws)
    aws.client("glue").reset_job_bookmark(JobName="cards")
    run(aws)
    assert curated(aws) == {"cards/day=2026-01-01": ["1.00", "1.00"]}


def test_a_script_can_read_the_file_name_of_a_row(aws: EmulatedAws, make_job: Callable[..., None]) -> None:
    asking = COPY.replace('format="json",', 'format="json", format_options={"attachFilename": "lay_in"},')
    make_job(
        asking.replace(
            "read.toDF()", "read.toDF().withColumn('day', functions.regexp_extract('lay_in', '([ab]).json', 1))"
        )
    )
    land(aws, "a", {"amount": "1"})
    land(aws, "b", {"amount": "2", "more": "x"})
    run(aws)
    assert curated(aws) == {"cards/day=a": ["1.00"], "cards/day=b": ["2.00"]}


def test_a_script_imports_the_modules_and_archives_of_its_job(aws: EmulatedAws, make_job: Callable[..., None]) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("packed/__init__.py", "SAID = 'packed'")
    files = {"cards/1/shared.py": b"SAID = 'shared'", "cards/2/packed.zip": packed.getvalue()}
    named = ",".join(f"s3://scripts/{key}" for key in files)
    make_job(
        "import boto3, packed, shared\n"
        "said = shared.SAID + ' and ' + packed.SAID\n"
        "boto3.client('s3').put_object(Bucket='curated', Key='said', Body=said.encode())\n",
        DefaultArguments={"--extra-py-files": named},
    )
    for key, body in files.items():
        aws.client("s3").put_object(Bucket="scripts", Key=key, Body=body)
    run(aws)
    assert aws.client("s3").get_object(Bucket="curated", Key="said")["Body"].read() == b"shared and packed"


def test_extra_files_of_a_job_must_be_modules_or_archives(aws: EmulatedAws, make_job: Callable[..., None]) -> None:
    make_job("", DefaultArguments={"--extra-py-files": "s3://scripts/cards/"})
    assert "neither a .py nor a .zip file" in run(aws, until="FAILED")["ErrorMessage"]


def test_a_run_has_the_role_of_its_job(aws: EmulatedAws, make_job: Callable[..., None]) -> None:
    make_job(
        "import boto3\n"
        "who = boto3.client('sts').get_caller_identity()['Arn']\n"
        "boto3.client('s3').put_object(Bucket='curated', Key='who', Body=who.encode())\n"
    )
    run(aws)
    who = aws.client("s3").get_object(Bucket="curated", Key="who")["Body"].read().decode()
    assert who == f"arn:aws:sts::123456789012:assumed-role/{ROLE}/GlueJobRunnerSession"


def test_the_error_of_a_failed_script_is_reported_and_its_bookmark_is_not_saved(
    aws: EmulatedAws, make_job: Callable[..., None]
) -> None:
    make_job(COPY.replace("job.commit()", "raise ValueError('no such day')"))
    land(aws, "a", {"amount": "1", "day": "2026-01-01"})
    assert run(aws, until="FAILED")["ErrorMessage"].endswith("ValueError: no such day")
    run(aws, until="FAILED")
    assert curated(aws) == {"cards/day=2026-01-01": ["1.00", "1.00"]}


@pytest.mark.nightly
def test_runs_survive_a_restart_and_do_not_run_again(aws: EmulatedAws, make_job: Callable[..., None]) -> None:
    make_job()
    land(aws, "a", {"amount": "1", "day": "2026-01-01"})
    before = run(aws)
    aws.restart()
    assert ended(aws, before["Id"], "SUCCEEDED") == before
    run(aws)
    assert curated(aws) == {"cards/day=2026-01-01": ["1.00"]}


@pytest.mark.nightly
def test_a_run_during_a_kill_of_the_sandbox_runs_again(aws: EmulatedAws, make_job: Callable[..., None]) -> None:
    make_job(
        "import boto3, os, time\n"
        "s3 = boto3.client('s3')\n"
        "again = 'Contents' in s3.list_objects_v2(Bucket='curated', Prefix='process')\n"
        "s3.put_object(Bucket='curated', Key='process', Body=str(os.getpid()).encode())\n"
        "time.sleep(0 if again else 600)\n"
    )
    started = aws.client("glue").start_job_run(JobName="cards")["JobRunId"]
    s3 = aws.client("s3")
    process = int(
        eventually(lambda: s3.get_object(Bucket="curated", Key="process"), ignored=ClientError)["Body"].read()
    )
    aws.restart()
    eventually(lambda: not Path(f"/proc/{process}").exists())
    assert ended(aws, started, "SUCCEEDED")["Id"] == started
    assert int(s3.get_object(Bucket="curated", Key="process")["Body"].read()) != process


def test_a_run_is_killed_at_its_timeout(aws: EmulatedAws, make_job: Callable[..., None]) -> None:
    make_job("import time\ntime.sleep(600)\n")
    arn = f"arn:aws:iam::123456789012:role/{ROLE}"
    of_job = {"role": arn, "job": "", "subnets": [], "tables": []}
    told = {**of_job, "script": "s3://scripts/cards/1.py", "arguments": {}, "bookmark": {}}
    task = Task("glue", "jr_1", "123456789012", "eu-west-1", 3, told)
    heard: list[Request] = []
    runner = TaskRunner(aws.directory, management_keys(aws.directory))
    runner.open(aws.url, lambda outcome: heard.append(outcome) or Answer(200))
    runner.submit(task)
    assert outcome_of(eventually(lambda: heard)[0]).state == "TIMEOUT"
    runner.close()


@pytest.mark.nightly
def test_runs_of_one_job_execute_one_at_a_time(aws: EmulatedAws, make_job: Callable[..., None]) -> None:
    make_job(
        "import boto3, time\n"
        "s3 = boto3.client('s3')\n"
        "while 'Contents' not in s3.list_objects_v2(Bucket='curated', Prefix='go-on'):\n"
        "    time.sleep(0.1)\n"
        "time.sleep(1)\n"
    )
    glue = aws.client("glue")
    first, second = (glue.start_job_run(JobName="cards")["JobRunId"] for _ in range(2))
    states = {job_run["Id"]: job_run["JobRunState"] for job_run in glue.get_job_runs(JobName="cards")["JobRuns"]}
    assert states[second] == "WAITING"
    aws.client("s3").put_object(Bucket="curated", Key="go-on")
    assert ended(aws, first, "SUCCEEDED")["ExecutionTime"] >= 1
    ended(aws, second, "SUCCEEDED")
