"""An account with models, an input bucket and transform jobs."""

from __future__ import annotations

from typing import Any

from executors.serving import Service
from plinth_sandbox.testing import REGION, EmulatedAws
from plinth_sandbox.waiting import eventually

CSV, LINES = "text/csv", "application/jsonlines"


class Scoring:
    """Starts transform jobs from the bucket ``arrivals`` to the bucket ``scores``."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.service = Service(aws)
        self.aws, self.sagemaker, self.s3 = aws, self.service.sagemaker, self.service.s3
        for bucket in ("arrivals", "scores"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.service.model("sum", 10)

    def put(self, key: str, content: str | bytes) -> None:
        body = content.encode() if isinstance(content, str) else content
        self.s3.put_object(Bucket="arrivals", Key=key, Body=body)

    def request(
        self, name: str, kind: str = CSV, source: dict[str, Any] | None = None, output: dict[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Returns a request of CreateTransformJob for the objects below ``<name>/``, split into lines."""
        data = {"S3DataType": "S3Prefix", "S3Uri": f"s3://arrivals/{name}/"}
        return {
            "TransformJobName": name,
            "ModelName": "sum",
            "TransformInput": {
                "DataSource": {"S3DataSource": data}, "ContentType": kind, "SplitType": "Line", **(source or {})
            },
            "TransformOutput": {
                "S3OutputPath": f"s3://scores/{name}", "Accept": kind, "AssembleWith": "Line", **(output or {})
            },
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **more,
        }  # fmt: skip

    def run(self, name: str, *given: Any, **more: Any) -> dict[str, Any]:
        """Runs a job and returns its description when it has ended."""
        self.sagemaker.create_transform_job(**self.request(name, *given, **more))
        return self.ended(name)

    def ended(self, name: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_transform_job(TransformJobName=name)
            return found if found["TransformJobStatus"] not in ("InProgress", "Stopping") else None

        found: dict[str, Any] = eventually(look)
        return found

    def results(self, name: str) -> dict[str, str]:
        """Returns the content of the results of a job by key below its folder."""
        listed = self.s3.list_objects_v2(Bucket="scores", Prefix=f"{name}/").get("Contents", [])
        return {
            object_["Key"].removeprefix(f"{name}/"): self.s3.get_object(Bucket="scores", Key=object_["Key"])["Body"]
            .read()
            .decode()
            for object_ in listed
        }

    def log(self, name: str, *, of_sagemaker: bool = False) -> list[str]:
        """Returns the lines of a job's containers, or those that SageMaker adds."""
        logs, group = self.aws.client("logs"), "/aws/sagemaker/TransformJobs"
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
        names = [
            stream["logStreamName"]
            for stream in streams
            if stream["logStreamName"].endswith("/data-log") is of_sagemaker
        ]
        return [
            event["message"]
            for stream in names
            for event in logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
        ]
