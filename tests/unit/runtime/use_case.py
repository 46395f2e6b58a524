"""A use case in an emulated tooling account: repositories, registry, and a pipeline whose builds the test performs."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest

from plinth_sandbox.testing import MANAGEMENT, REGION
from plinth_sandbox.waiting import eventually
from runtime.promotion.__main__ import main
from runtime.promotion.engine import DeploymentStack
from runtime.promotion.errors import PromotionError
from runtime.promotion.records import Records
from settings.data.promotion_layout import approval_of
from tests.unit.runtime.tooling import BUCKET, RELEASE_ROLE, SOURCES, Tooling

LATE = "acme.late"
APPROVERS = {"Review": ["ben", "chloe", "ana", "eve"], "Business": ["gina"], "Release": ["ben", "chloe"]}
TEST = "import os\n\ndef test_the_service():\n    assert os.environ['API_URL'] == 'https://{environment}'\n"
"""Test of the deployment repository, which passes in the environment that it names."""


class UseCase:
    """A use case of fraud. Ana wrote its training code, Dan its deployment code; Ben, Chloe and Gina approve."""

    def __init__(
        self, tooling: Tooling, name: str, folder: Path, tests: str = "", gates: Sequence[str] = ("Review", "Release")
    ) -> None:
        self.tooling, self.name, self.folder, self.gates = tooling, name, folder, gates
        self.prefix, self.group = f"fraud--{name}", f"fraud--{name}-main"
        self.pipeline = f"{self.prefix}-promotion"
        self.s3, self.sagemaker, self.codepipeline, self.codecommit = (
            tooling.owner.client(service) for service in ("s3", "sagemaker", "codepipeline", "codecommit")
        )
        self.records = Records(s3=self.s3, bucket=BUCKET, folder=f"fraud/{name}", key_arn=tooling.key_arn)
        self.environments: dict[str, dict[str, str]] = {}
        """Configuration with which the program was deployed last, by environment."""
        self.judged: dict[str, dict[str, Any]] = {}
        """Input of the policies about the last deployment, by environment."""
        self.deployments: list[tuple[str, str]] = []
        self.registered: list[str] = []
        """ARNs of the versions, the oldest first."""
        self.broken = ""
        """Environment in which the engine fails."""
        self.breaks: Callable[[], str] = lambda: self.broken
        """Returns this environment, after what happens during a deployment."""
        self.alarms: list[str] = []
        """Alarms on single fleets in the state of the stack."""
        self.results: dict[str, Any] = {}
        """Outputs of the program that replace the usual ones."""
        self.outputs: dict[str, dict[str, Any]] = {}
        """Outputs of the last deployment that succeeded, by environment."""
        self.waivers: list[dict[str, str]] = []
        """Waivers of findings in the settings."""
        tooling.owner.client("ecr").create_repository(
            repositoryName=f"fraud/{name}/train", imageScanningConfiguration={"scanOnPush": True}
        )
        for part in ("build", "deployment"):
            self.codecommit.create_repository(repositoryName=f"{self.prefix}-{part}")
        self.trained_at = self.push("build", {"train.py": "fit()\n"}, "Ana")
        self.commit = self.push("deployment", {"api.json": "{}\n", "tests/test_service.py": tests}, "Dan")
        made = self.sagemaker.create_model_package_group(ModelPackageGroupName=self.group)
        self.group_arn = str(made["ModelPackageGroupArn"])
        self.pipeline_arn = f"arn:aws:codepipeline:{REGION}:{MANAGEMENT}:{self.pipeline}"
        self.codepipeline.create_pipeline(pipeline=self._pipeline())

    def push(self, part: str, files: Mapping[str, str], author: str) -> str:
        """Commits files to main as an author, and returns the commit."""
        repository = f"{self.prefix}-{part}"
        branches = self.codecommit.list_branches(repositoryName=repository)["branches"]
        more = {}
        if branches:
            found = self.codecommit.get_branch(repositoryName=repository, branchName="main")["branch"]
            more = {"parentCommitId": found["commitId"]}
        made = self.codecommit.create_commit(
            repositoryName=repository,
            branchName="main",
            authorName=author,
            email=f"{author.lower()}@acme.example",
            putFiles=[{"filePath": path, "fileContent": text.encode()} for path, text in files.items()],
            **more,
        )
        return str(made["commitId"])

    def register(self, f1: float = 0.9, image: str = f"train@sha256:{'a' * 64}", account: str = MANAGEMENT) -> str:
        """Registers a pending version with its archive and evaluation, and returns its ARN."""
        number = len(self.versions()) + 1
        folder = f"fraud/{self.name}/models/main/{number}"
        evaluation = {"metrics": {"f1": f1}}
        for file, body in (("model.tar.gz", f"model {number}"), ("evaluation.json", json.dumps(evaluation))):
            self.s3.put_object(Bucket=BUCKET, Key=f"{folder}/{file}", Body=body.encode())
        uri = f"{account}.dkr.ecr.{REGION}.amazonaws.com/fraud/{self.name}/{image}"
        container = {"Image": uri, "ModelDataUrl": f"s3://{BUCKET}/{folder}/model.tar.gz"}
        specification = {"Containers": [container], "SupportedContentTypes": ["application/json"]}
        quality = {"ContentType": "application/json", "S3Uri": f"s3://{BUCKET}/{folder}/evaluation.json"}
        made = self.sagemaker.create_model_package(
            ModelPackageGroupName=self.group,
            InferenceSpecification={**specification, "SupportedResponseMIMETypes": ["application/json"]},
            ModelApprovalStatus="PendingManualApproval",
            ModelMetrics={"ModelQuality": {"Statistics": quality}},
            MetadataProperties={"CommitId": self.trained_at},
        )
        self.registered.append(str(made["ModelPackageArn"]))
        return self.registered[-1]

    def approved(self, person: str = "eve", **more: Any) -> str:
        """Returns the ARN of a version that a person has approved in the registry."""
        arn = self.register(**more)
        self.decide(arn, person)
        return arn

    def decide(self, arn: str, person: str, status: str = "Approved") -> None:
        client = self.tooling.person(person).client("sagemaker")
        client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status)

    def versions(self) -> list[dict[str, Any]]:
        found = self.sagemaker.list_model_packages(ModelPackageGroupName=self.group)
        return list(found["ModelPackageSummaryList"])

    def marks(self, arn: str) -> set[str]:
        """Returns the environments that the registry shows for a version."""
        described = self.sagemaker.describe_model_package(ModelPackageName=arn)
        return {name.removeprefix("serves-") for name in described.get("CustomerMetadataProperties", {})}

    # Executions

    def deliver_events(self, times: int = 1) -> None:
        """Lets each approval in the registry start the pipeline, as often as given, and also each late event."""
        events = self.tooling.owner.client("events")
        decided = {"ModelApprovalStatus": ["Approved"], "UpdatedModelPackageFields": ["ModelApprovalStatus"]}
        approvals = {"source": ["aws.sagemaker"], "detail": {"ModelPackageGroupName": [self.group], **decided}}
        for name, pattern, count in (("approved", approvals, times), ("late", {"source": [LATE]}, 1)):
            rule = f"{self.prefix}-{name}"
            events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
            target = {
                "Arn": self.pipeline_arn,
                "RoleArn": f"arn:aws:iam::{MANAGEMENT}:role/starter",
                "InputTransformer": {
                    "InputPathsMap": {"version": "$.detail.ModelPackageArn"},
                    "InputTemplate": json.dumps({"variables": [{"name": "ModelPackage", "value": "<version>"}]}),
                },
            }
            events.put_targets(Rule=rule, Targets=[{"Id": str(number), **target} for number in range(count)])

    def late_event(self, arn: str) -> str:
        """Delivers an event about an approval again, and returns the execution that it starts."""
        before = self.executions()
        detail = json.dumps({"ModelPackageArn": arn})
        entry = {"Source": LATE, "DetailType": "Late", "Detail": detail}
        self.tooling.owner.client("events").put_events(Entries=[entry])
        (new,) = eventually(lambda: [execution for execution in self.executions() if execution not in before])
        return str(new)

    def start(self, asked: str = "newest", person: str = "eve") -> str:
        """Starts the pipeline as a person, and returns the execution."""
        given = [{"name": "ModelPackage", "value": asked}]
        client = self.tooling.person(person).client("codepipeline")
        started = client.start_pipeline_execution(name=self.pipeline, variables=given)
        return str(started["pipelineExecutionId"])

    def executions(self) -> list[str]:
        """Returns the executions, the oldest first."""
        found = self.codepipeline.list_pipeline_executions(pipelineName=self.pipeline)["pipelineExecutionSummaries"]
        return [execution_summary["pipelineExecutionId"] for execution_summary in found[::-1]]

    def execution(self, identifier: str) -> dict[str, Any]:
        found = self.codepipeline.get_pipeline_execution(pipelineName=self.pipeline, pipelineExecutionId=identifier)
        return dict(found["pipelineExecution"])

    def answer(self, identifier: str, stage: str, person: str, answer: str = "Approved", comment: str = "") -> None:
        """Answers the approval of a stage as a person, when it waits."""
        self.tooling.person(person).client("codepipeline").put_approval_result(
            pipelineName=self.pipeline,
            stageName=stage,
            actionName=approval_of(stage),
            token=self.token(identifier, stage),
            result={"summary": comment, "status": answer},
        )

    def token(self, identifier: str, stage: str) -> str:
        """Returns the token of an approval when it waits."""

        def look() -> str | None:
            states = self.codepipeline.get_pipeline_state(name=self.pipeline)["stageStates"]
            state = next(candidate for candidate in states if candidate["stageName"] == stage)
            if state.get("latestExecution", {}).get("pipelineExecutionId") != identifier:
                return None
            token: str | None = state["actionStates"][0].get("latestExecution", {}).get("token")
            return token

        return str(eventually(look))

    # Actions

    def prepare(self, identifier: str, asked: str = "") -> dict[str, str]:
        """Prepares an execution and returns the variables of the action; empty if the action stopped the execution."""
        commit = self.commit_of(identifier)
        asked = asked or self.execution(identifier)["variables"][0]["resolvedValue"]
        file = self.folder / f"{identifier}.env"
        self.run(identifier, "prepare", "--variables", str(file), COMMIT=commit, MODEL_PACKAGE=asked)
        if not file.exists():
            return {}
        lines = (line.partition("=") for line in file.read_text().splitlines())
        return {name: value.strip("'") for name, _, value in lines}

    def review(self, identifier: str, person: str, stage: str = "Review", comment: str = "") -> str:
        """Prepares an execution, approves a stage as a person, and returns the reference of the plan."""
        plan = self.prepare(identifier)["PLAN"]
        self.answer(identifier, stage, person, comment=comment)
        return plan

    def verify(self, identifier: str, plan: str, stage: str = "Review") -> None:
        self.run(identifier, "verify", PLAN=plan, STAGE=stage)

    def deploy(self, identifier: str, plan: str, environment: str) -> None:
        """Runs the actions that deploy and confirm."""
        for command in ("deploy", "confirm"):
            self.run(identifier, command, PLAN=plan, ENVIRONMENT=environment)

    def test(self, identifier: str, plan: str, environment: str = "preproduction") -> None:
        """Runs the actions that test and accept."""
        for command in ("test", "accept"):
            self.run(identifier, command, PLAN=plan, ENVIRONMENT=environment)

    def release(self, identifier: str) -> str:
        """Prepares an execution and deploys it to production. No approval is verified. Returns the plan."""
        plan = self.prepare(identifier)["PLAN"]
        self.deploy(identifier, plan, "production")
        return plan

    def run(self, identifier: str, *words: str, **variables: str) -> None:
        """Runs the program of an action as the promotion role, in the source artifact of the execution. Raises
        SystemExit if the action fails."""
        given = {
            "TEAM": "fraud",
            "USE_CASE": self.name,
            "ARTIFACT_BUCKET": BUCKET,
            "ARTIFACT_KEY_ARN": self.tooling.key_arn,
            "MODEL_GROUP": self.group_arn,
            "PIPELINE": self.pipeline,
            "APPROVERS": json.dumps(APPROVERS),
            "RELEASE_ROLES": json.dumps(dict.fromkeys(("preproduction", "production"), RELEASE_ROLE)),
            "FOUNDATION": json.dumps({"organization": "{}", "team": "{}"}),
            "SCAN_RULES": json.dumps({"refused": "CRITICAL", "waivers": self.waivers}),
            "EXECUTION_ID": identifier,
            **variables,
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in given.items():
                patch.setenv(name, value)
            patch.setattr(boto3, "Session", self.tooling.opened)
            patch.setattr(DeploymentStack, "deploy", lambda stack, more: self._deploy(stack, more))
            patch.setattr(DeploymentStack, "alarms", lambda _: self.alarms)
            patch.setattr(DeploymentStack, "endpoint", lambda stack: self._outputs(stack).get("endpoint_name"))
            patch.setattr(DeploymentStack, "outputs", lambda stack: self._outputs(stack))
            # A build unpacks the source anew.
            with TemporaryDirectory() as folder:
                shutil.copytree(self.source(identifier), folder, dirs_exist_ok=True)
                patch.chdir(folder)
                main(words)

    def source(self, identifier: str) -> Path:
        """Returns the folder with the source of an execution, as CodePipeline gave it to its builds."""
        folder = self.folder / identifier
        if not folder.exists():
            (action,) = self._sources(identifier)
            place = action["output"]["outputArtifacts"][0]["s3location"]
            packed = self.s3.get_object(Bucket=place["bucket"], Key=place["key"])["Body"].read()
            zipfile.ZipFile(io.BytesIO(packed)).extractall(folder)
        return folder

    def commit_of(self, identifier: str) -> str:
        """Returns the commit of an execution, when its source was read."""
        found = eventually(lambda: self.execution(identifier).get("artifactRevisions"))
        return str(found[0]["revisionId"])

    def _sources(self, identifier: str) -> list[dict[str, Any]]:
        self.commit_of(identifier)
        only = {"pipelineExecutionId": identifier}
        found = self.codepipeline.list_action_executions(pipelineName=self.pipeline, filter=only)
        return [
            execution_detail
            for execution_detail in found["actionExecutionDetails"]
            if execution_detail["stageName"] == "Source"
        ]

    def _deploy(self, stack: DeploymentStack, more: Mapping[str, str]) -> dict[str, Any]:
        """Stands for the engine and the program of the deployment repository."""
        environment = stack.name.removeprefix("fraud-")
        if self.breaks() == environment:
            raise PromotionError("pulumi up failed: the endpoint failed its health check")
        given = {**stack.settings, **more}
        settings = {name: value for name, value in given.items() if name.startswith("release:")}
        self.environments[environment] = settings
        self.judged[environment] = json.loads(stack.settings["plinth:promotion"])
        self.deployments.append((environment, settings["release:version_arn"]))
        usual = {name: settings[f"release:{name}"] for name in ("version_arn", "commit")}
        self.outputs[environment] = {**usual, "url": f"https://{environment}"}
        return self._outputs(stack)

    def _outputs(self, stack: DeploymentStack) -> dict[str, Any]:
        return {**self.outputs.get(stack.name.removeprefix("fraud-"), {}), **self.results}

    def _pipeline(self) -> dict[str, Any]:
        code = {"RepositoryName": f"{self.prefix}-deployment", "BranchName": "main", "PollForSourceChanges": "false"}
        read = _action("Source", "Source", "CodeCommit", code) | {"outputArtifacts": [{"name": "Code"}]}
        return {
            "name": self.pipeline,
            "roleArn": f"arn:aws:iam::{MANAGEMENT}:role/promoter",
            "artifactStore": {"type": "S3", "location": SOURCES},
            "pipelineType": "V2",
            "executionMode": "QUEUED",
            "variables": [{"name": "ModelPackage"}],
            "stages": [{"name": "Source", "actions": [read]}]
            + [
                {"name": stage, "actions": [_action(approval_of(stage), "Approval", "Manual", {})]}
                for stage in self.gates
            ],
        }


def _action(name: str, category: str, provider: str, configuration: Mapping[str, str]) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "configuration": configuration}
