"""The promotions of the use case of the example, as people and callers of its endpoints use them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.process import running
from plinth_sandbox.waiting import eventually
from tests.engine.main_job.creation import LEAD
from tests.support.endpoints import bakes
from tests.support.workbench import Workbench

USE_CASE = "fraud--scoring"
GROUP = f"{USE_CASE}-main"
STARTER, APPROVERS = "dan", {"Review": "ben", "Release": "chloe"}
RELEASES_ONLY = "hana"
"""May approve the release to production, and not the deployment to pre-production."""
ENVIRONMENTS = ("preproduction", "production")
LOCAL = """
import sys
from pathlib import Path
from shared_libraries.calls import call_from
body = Path(sys.argv[1]).read_text()
print(call_from({"MODEL_ARCHIVE": sys.argv[2]})(body, "application/json").body["predictions"])
"""

RARE = -12.5
"""Value that no other row has."""
OVERRIDDEN = """

_usual = Predictor.{method}


def _changed(self, given):
    {statement}


Predictor.{method} = _changed
"""
FAILS_ON_RARE_ROWS = OVERRIDDEN.format(
    method="table_of",
    statement=f"if any({RARE} in row.values() for row in given): 1 / 0\n    return _usual(self, given)",
)
IS_ALWAYS_SURE = OVERRIDDEN.format(method="postprocess", statement="return [0.999 for _ in _usual(self, given)]")


class Promotions:
    """The tooling account of the example, as people use it for one use case."""

    def __init__(self, acme: Workbench, use_case: str = USE_CASE) -> None:
        self.acme, self.use_case = acme, use_case
        self.team, _, self.name = use_case.partition("--")
        self.pipeline, self.group = f"{use_case}-promotion", f"{use_case}-main"
        self.tooling = str(acme.outputs("tooling")["account_id"])
        (answers,) = acme.root.rglob(f"{use_case}-deployment/.copier-answers.yml")
        self.deployment = answers.parent

    def plinth(self, *words: str, by: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.acme.plinth(*words, variables=self.acme.session_of(by, self.tooling), check=check)

    def approve(self, *, by: str) -> None:
        self.plinth("approve", self.use_case, "--wait", f"--comment=read by {by}", by=by)

    def ended(self) -> dict[str, Any]:
        """Returns the newest promotion once it has ended."""
        self.plinth("promotions", self.use_case, "--watch", by=STARTER, check=False)
        return dict(self.report()["promotions"][0])

    def report(self) -> dict[str, Any]:
        found = json.loads(self.plinth("promotions", self.use_case, "--json", by=STARTER).stdout)
        return dict(found["use_cases"][0])

    def versions_served(self) -> dict[str, int]:
        """Returns the version that each environment serves."""
        return {environment["environment"]: environment["version"] for environment in self.report()["environments"]}

    def arn(self, version: int) -> str:
        return f"arn:aws:sagemaker:eu-west-1:{self.tooling}:model-package/{self.group}/{version}"

    def version(self, version: int = 1) -> dict[str, Any]:
        sagemaker = self.acme.client("sagemaker", self.tooling)
        return dict(sagemaker.describe_model_package(ModelPackageName=self.arn(version)))

    def marks(self, version: int) -> set[str]:
        """Returns the environments that the registry shows for a version."""
        metadata = self.version(version)["CustomerMetadataProperties"]
        return {name.removeprefix("serves-") for name in metadata if name.startswith("serves-")}

    def client(self, service: str, environment: str) -> Any:
        """Returns a client of the account of an environment."""
        return self.acme.client(service, str(self.acme.outputs(f"{self.team}-{environment}")["account_id"]))

    def endpoints(self, environment: str) -> list[dict[str, Any]]:
        return list(self.client("sagemaker", environment).list_endpoints()["Endpoints"])

    def endpoint(self, environment: str) -> dict[str, Any]:
        (found,) = self.endpoints(environment)
        described = self.client("sagemaker", environment).describe_endpoint(EndpointName=found["EndpointName"])
        return {member: value for member, value in described.items() if member != "ResponseMetadata"}

    def resources(self, environment: str) -> dict[str, list[str]]:
        """Returns the names of everything that a release creates in an environment, by kind."""
        sagemaker, gateway = (self.client(service, environment) for service in ("sagemaker", "apigateway"))
        apis = gateway.get_rest_apis()["items"]
        found = {
            "models": [model["ModelName"] for model in sagemaker.list_models()["Models"]],
            "configurations": [
                endpoint_config["EndpointConfigName"]
                for endpoint_config in sagemaker.list_endpoint_configs()["EndpointConfigs"]
            ],
            "endpoints": [endpoint["EndpointName"] for endpoint in self.endpoints(environment)],
            "alarms": [
                metric_alarm["AlarmName"]
                for metric_alarm in self.client("cloudwatch", environment).describe_alarms()["MetricAlarms"]
                if metric_alarm["AlarmName"].startswith(self.use_case)
            ],
            "functions": [
                function["FunctionName"]
                for function in self.client("lambda", environment).list_functions()["Functions"]
            ],
            "apis": [item["id"] for item in apis],
            "deployments": [
                item["id"] for api in apis for item in gateway.get_deployments(restApiId=api["id"])["items"]
            ],
        }
        return {kind: sorted(names) for kind, names in found.items()}

    def objects(self, environment: str) -> list[str]:
        """Returns the keys of the use case in the ML bucket of an environment."""
        bucket = self.acme.outputs(f"{self.team}-{environment}")["bucket_name"]
        listed = self.client("s3", environment).list_objects_v2(Bucket=bucket, Prefix=f"{self.name}/")
        return [object_["Key"] for object_ in listed.get("Contents", [])]

    def queries(self, environment: str) -> list[str]:
        """Returns the ids of the queries of an environment."""
        athena, workgroup = self.client("athena", environment), f"{self.team}-{environment}"
        return list(athena.list_query_executions(WorkGroup=workgroup)["QueryExecutionIds"])

    def configure(self, **changes: dict[str, Any]) -> str:
        """Commits members of the inference configuration, by folder, to the main branch of the deployment repository.
        Returns the commit."""
        codecommit, repository = self.acme.client("codecommit", self.tooling), f"{self.use_case}-deployment"
        files = []
        for folder, members in changes.items():
            path = f"inference_config/{folder}/inference_config.json"
            found = json.loads(codecommit.get_file(repositoryName=repository, filePath=path)["fileContent"])
            found["inference"] = {**found["inference"], **members}
            files.append({"filePath": path, "fileContent": json.dumps(found, indent=2).encode()})
        parent = codecommit.get_branch(repositoryName=repository, branchName="main")["branch"]["commitId"]
        made = codecommit.create_commit(
            repositoryName=repository,
            branchName="main",
            parentCommitId=parent,
            authorName="erin",
            email="erin@acme.example",
            commitMessage="Compare the new version with the one in service",
            putFiles=files,
        )
        return str(made["commitId"])

    # Versions

    def register(self, change: Callable[[str], str] = str) -> int:
        """Registers a copy of version 1, whose code that predicts is changed, and returns its number."""
        sagemaker, s3 = (self.acme.client(service, self.tooling) for service in ("sagemaker", "s3"))
        first = self.version(1)
        (container,) = first["InferenceSpecification"]["Containers"]
        bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
        archive = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        archive = with_file(archive, "serve/predictor.py", lambda code: change(code.decode()).encode())
        count = len(sagemaker.list_model_packages(ModelPackageGroupName=self.group)["ModelPackageSummaryList"])
        copy = f"{key.rpartition('/')[0]}-{count + 1}/model.tar.gz"
        s3.put_object(Bucket=bucket, Key=copy, Body=archive)
        kept = ("ModelMetrics", "DriftCheckBaselines", "MetadataProperties")
        metadata = first["CustomerMetadataProperties"].items()
        container = {"Image": container["Image"], "ModelDataUrl": f"s3://{bucket}/{copy}"}
        made = sagemaker.create_model_package(
            ModelPackageGroupName=self.group,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={**first["InferenceSpecification"], "Containers": [container]},
            CustomerMetadataProperties={name: text for name, text in metadata if not name.startswith("serves-")},
            **{member: first[member] for member in kept if member in first},
        )
        return int(made["ModelPackageArn"].rpartition("/")[2])

    def decide(self, version: int, status: str = "Approved") -> None:
        """Approves a version in the registry, which starts its promotion, or rejects it."""
        sagemaker = self.person("sagemaker", LEAD)
        sagemaker.update_model_package(ModelPackageArn=self.arn(version), ModelApprovalStatus=status)

    # Executions

    def person(self, service: str, person: str) -> Any:
        """Returns a client of the tooling account in the name of a person."""
        issued = self.acme.session_of(person, self.tooling)
        return boto3.client(
            service,  # type: ignore[call-overload] # the service is known when it is called
            region_name="eu-west-1",
            endpoint_url=self.acme.environment()["AWS_ENDPOINT_URL"],
            **{name.lower(): value for name, value in issued.items()},
        )

    def executions(self) -> dict[str, str]:
        """Returns the status of each execution, the newest first."""
        found = self.acme.client("codepipeline", self.tooling).list_pipeline_executions(pipelineName=self.pipeline)
        return {
            execution_summary["pipelineExecutionId"]: execution_summary["status"]
            for execution_summary in found["pipelineExecutionSummaries"]
        }

    def waits_in(self, stage: str) -> bool:
        """Returns whether an execution waits in a stage, for an approval or for what the stage does."""
        found = self.acme.client("codepipeline", self.tooling).get_pipeline_state(name=self.pipeline)["stageStates"]
        executions = {stage_state["stageName"]: stage_state.get("latestExecution", {}) for stage_state in found}
        return bool(executions[stage].get("status") == "InProgress")

    def answer(self, stages: Collection[str] = tuple(APPROVERS)) -> bool:
        """Approves in the name of an approver if one of the stages waits. Returns whether one did."""
        state = self.acme.client("codepipeline", self.tooling).get_pipeline_state(name=self.pipeline)
        for stage in state["stageStates"]:
            last = stage["actionStates"][0].get("latestExecution", {})
            waits = stage["stageName"] in stages and last.get("status") == "InProgress"
            if waits and (token := last.get("token")):
                person = APPROVERS[stage["stageName"]]
                self.person("codepipeline", person).put_approval_result(
                    pipelineName=self.pipeline,
                    stageName=stage["stageName"],
                    actionName="Approve",
                    token=token,
                    result={"status": "Approved", "summary": f"read by {person}"},
                )
                return True
        return False

    def advance(self, time: str) -> None:
        """Moves the clock of the sandbox, which ends baking periods and evaluates alarms."""
        self.acme.sandbox("clock", "--advance", time)

    def drive(
        self,
        until: Callable[[], object],
        *,
        approvals: Collection[str] = tuple(APPROVERS),
        baked: Collection[str] = ENVIRONMENTS,
    ) -> None:
        """Approves what waits in these stages, and ends the baking periods of these environments, until something is
        so."""

        def step() -> bool:
            has_answered = self.answer(approvals)
            # Only then: a clock that moves while instances start lets the deployment time out.
            if any(self.bakes(environment) for environment in baked if self.endpoints(environment)):
                self.advance("10m")
                return True
            return has_answered

        while not until():
            # Each look is ten calls of the emulator.
            eventually(lambda: step() or until(), every_seconds=1.5, details=self.executions)

    def all_have_ended(self) -> bool:
        return not set(self.executions().values()) & {"InProgress", "Stopping"}

    def ended_build(self, build: str) -> dict[str, Any]:
        """Returns a build of the tooling account once it has ended."""
        codebuild = self.acme.client("codebuild", self.tooling)

        def look() -> dict[str, Any] | None:
            found = codebuild.batch_get_builds(ids=[build])["builds"][0]
            return dict(found) if found["buildStatus"] != "IN_PROGRESS" else None

        return eventually(look)

    def bakes(self, environment: str) -> bool:
        """Returns whether a part of the traffic goes to a new version, which is watched."""
        return bakes(self.endpoint(environment))

    def served(self, environment: str) -> dict[str, tuple[int, float]]:
        """Returns the version and the weight of each variant behind the endpoint, the shadow included."""
        sagemaker = self.client("sagemaker", environment)
        name = self.endpoint(environment)["EndpointConfigName"]
        configuration = sagemaker.describe_endpoint_config(EndpointConfigName=name)
        found = {}
        for production_variant in [
            *configuration["ProductionVariants"],
            *configuration.get("ShadowProductionVariants", []),
        ]:
            model = sagemaker.describe_model(ModelName=production_variant["ModelName"])
            version = int(model["PrimaryContainer"]["ModelPackageName"].rpartition("/")[2])
            found[production_variant["VariantName"]] = (version, float(production_variant["InitialVariantWeight"]))
        return found

    def invoked(self, environment: str, times: int) -> Counter[str]:
        """Returns how many of some requests each variant of an environment answers."""
        runtime, name = self.client("sagemaker-runtime", environment), self.endpoints(environment)[0]["EndpointName"]
        body = (self.deployment / "tests" / "data" / "request.json").read_text()
        given = {"EndpointName": name, "Body": body, "ContentType": "application/json"}
        return Counter(runtime.invoke_endpoint(**given)["InvokedProductionVariant"] for _ in range(times))

    def invoke(self, environment: str, row: dict[str, Any]) -> bool:
        """Sends a row to the endpoint of an environment. Returns whether it was answered."""
        name = self.endpoints(environment)[0]["EndpointName"]
        body = json.dumps({"instances": [row]})
        try:
            self.client("sagemaker-runtime", environment).invoke_endpoint(
                EndpointName=name, Body=body, ContentType="application/json"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ModelError":
                raise
            return False
        return True

    # Monitoring

    def trained_rows(self) -> list[dict[str, float]]:
        """Returns rows of the training data of version 1, with the columns that requests have."""
        bucket = self.acme.outputs(f"{self.team}-development")["bucket_name"]
        s3 = self.client("s3", "development")
        listed = s3.list_objects_v2(
            Bucket=bucket, Prefix=f"{self.name}/{self.build()}/ml-pipeline-outputs/split/train/"
        )
        (key,) = (object_["Key"] for object_ in listed["Contents"])
        rows = csv.DictReader(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines())
        asked = json.loads((self.deployment / "tests" / "data" / "request.json").read_text())["instances"][0]
        return [{name: float(row[name]) for name in asked} for row in rows]

    def build(self) -> str:
        """Returns the id of the build that registered version 1."""
        return str(self.version(1)["CustomerMetadataProperties"]["build_id"])

    def ask(self, environment: str, rows: Sequence[dict[str, float]]) -> dict[str, list[float]]:
        """Sends rows to the endpoint of an environment, in requests of a hundred, and waits until all are captured.
        Returns the predictions by the id of their request."""
        before = self.captured(environment)
        runtime, name = self.client("sagemaker-runtime", environment), self.endpoints(environment)[0]["EndpointName"]
        bodies = [json.dumps({"instances": rows[start : start + 100]}) for start in range(0, len(rows), 100)]
        answers: dict[str, list[float]] = {}
        for body in bodies:
            known = str(uuid4())
            answer = runtime.invoke_endpoint(
                EndpointName=name, Body=body, ContentType="application/json", InferenceId=known
            )
            answers[known] = json.load(answer["Body"])["predictions"]
        eventually(lambda: self.captured(environment) == before + len(bodies))
        return answers

    def captured(self, environment: str) -> int:
        """Returns the number of captured requests of an environment."""
        keys = [key for key in self.objects(environment) if key.startswith(f"{self.name}/monitoring/capture/")]
        return sum(len(self.object(environment, key).splitlines()) for key in keys)

    def compared(self) -> dict[str, Any]:
        """Compares the requests to production of today with the baseline, and returns the report."""
        return dict(self._watching("monitor", self.use_case, "--run", "--json")["reports"][0])

    def judged_days(self) -> list[dict[str, Any]]:
        """Returns the days of production whose ground truth has been joined."""
        return list(self._watching("monitor", self.use_case, "--quality", "--json")["days"])

    def learn(self, file: Path) -> None:
        """Uploads ground truth of production."""
        self._as_operator("ground-truth", self.use_case, str(file))

    def curate(self, dataset: str, *words: str) -> str:
        """Writes captured requests to production into a dataset."""
        return self._as_operator("curate", self.use_case, f"--into={dataset}", *words)

    def switch(self, *words: str) -> str:
        """Turns the predictions of production off or on."""
        return self._as_operator("switch", self.use_case, *words)

    def watched(self) -> str:
        """Returns what the command line says of monitoring in production."""
        return self._as_operator("monitor", self.use_case)

    def _watching(self, *words: str) -> dict[str, Any]:
        return dict(json.loads(self._as_operator(*words)))

    def _as_operator(self, *words: str) -> str:
        session = self.acme.session_of("erin", str(self.acme.outputs(f"{self.team}-production")["account_id"]))
        return self.acme.plinth(*words, variables=session).stdout

    def published(self, environment: str) -> set[tuple[str, str]]:
        """Returns namespace and name of all metrics in the account of an environment."""
        return _metrics(self.client("cloudwatch", environment))

    def shared(self, environment: str) -> set[tuple[str, str]]:
        """Returns namespace and name of the metrics of the account that the governance account sees."""
        owner = self.acme.outputs(f"{self.team}-{environment}")["account_id"]
        return _metrics(self.in_governance("cloudwatch"), IncludeLinkedAccounts=True, OwningAccount=owner)

    def in_governance(self, service: str) -> Any:
        """Returns a client of the governance account."""
        return self.acme.client(service, self.acme.outputs("governance")["account_id"])

    def object(self, environment: str, key: str) -> str:
        """Returns the text of an object in the ML bucket of an environment."""
        bucket = self.acme.outputs(f"{self.team}-{environment}")["bucket_name"]
        content: bytes = self.client("s3", environment).get_object(Bucket=bucket, Key=key)["Body"].read()
        return content.decode()

    def kill_the_sandbox(self) -> None:
        """Kills emulated AWS with what it runs, as a power failure does, and starts it again."""
        server = running(self.acme.root / "sandbox" / "aws")
        assert server is not None
        os.kill(server.pid, signal.SIGKILL)
        self.acme.sandbox("up")

    def predict(self, request: Path) -> list[float]:
        """Returns the answer of production to the command that prints it, after a comparison with curl."""
        caller = self.acme.outputs(self.use_case)["role_arns"]["release-production"]
        proxy = self.acme.environment()["AWS_ENDPOINT_URL"]
        authorities = str(self.acme.root / "sandbox" / "aws" / "authorities.pem")
        connection = {"HTTPS_PROXY": proxy, "AWS_CA_BUNDLE": authorities}
        words = ("predict", self.use_case, f"--data={request}", f"--role={caller}")
        _, curl, answer = self.acme.plinth(*words, variables=connection).stdout.splitlines()
        # The printed command assumes the role with the AWS CLI, in a shell that is connected like that of the command.
        connected = self.acme.environment() | connection
        path = os.pathsep.join([str(Path(sys.executable).parent), connected["PATH"]])
        shell = ["bash", "-c", curl]
        done = subprocess.run(shell, env={**connected, "PATH": path}, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == json.loads(answer)
        return list(json.loads(answer)["predictions"])

    def local(self, request: Path, archive: Path) -> list[float]:
        """Returns what the archive of the model predicts in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-c", LOCAL, str(request), str(archive)],
            cwd=self.deployment / "app_infra",
            env={"PYTHONPATH": f"{self.deployment / 'app_infra' / 'lambda'}:{self.deployment / 'app_infra'}"},
            capture_output=True,
            text=True,
            check=True,
        )
        return list(json.loads(done.stdout))


def _metrics(client: Any, **asked: Any) -> set[tuple[str, str]]:
    pages = client.get_paginator("list_metrics").paginate(**asked)
    return {(metric["Namespace"], metric["MetricName"]) for page in pages for metric in page["Metrics"]}


def stages(promotion: dict[str, Any]) -> dict[str, str]:
    return {stage["stage"]: stage["status"] for stage in promotion["stages"]}


def faults(promotion: dict[str, Any], stage: str) -> Sequence[str]:
    (found,) = [candidate for candidate in promotion["stages"] if candidate["stage"] == stage]
    return list(found["approval"]["void"])


def with_file(archive: bytes, ending: str, change: Callable[[bytes], bytes]) -> bytes:
    """Returns the archive of a model with another content of the file whose path has this ending."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive)) as old, tarfile.open(fileobj=packed, mode="w:gz") as new:
        for member in old.getmembers():
            opened = old.extractfile(member)
            content = opened.read() if opened else b""
            if member.name.endswith(ending):
                content = change(content)
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return packed.getvalue()
