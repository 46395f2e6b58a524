"""Pipelines of CodePipeline for tests: an account with roles, a store, a repository and projects."""

from __future__ import annotations

import json
import sys
from typing import Any

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from plinth_sandbox.waiting import eventually

IMAGE = "aws/codebuild/standard:7.0"
ENVIRONMENT = {"type": "LINUX_CONTAINER", "image": IMAGE, "computeType": "BUILD_GENERAL1_SMALL"}
STORE = {"type": "S3", "location": "store"}


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{MANAGEMENT}:role/{name}"


def action(name: str, category: str, provider: str, configuration: dict[str, str], **more: Any) -> dict[str, Any]:
    type_id = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": type_id, "configuration": configuration, **more}


def source(**configuration: str) -> dict[str, Any]:
    """The newest commit of the branch main, in the artifact ``Code`` and the namespace ``Source``."""
    given = {"RepositoryName": "fraud", "BranchName": "main", "PollForSourceChanges": "false", **configuration}
    more = {"outputArtifacts": [{"name": "Code"}], "namespace": "Source"}
    return {"name": "Source", "actions": [action("Source", "Source", "CodeCommit", given, **more)]}


def approval(name: str = "Approve", **configuration: str) -> dict[str, Any]:
    return {"name": name, "actions": [action("Decide", "Approval", "Manual", configuration)]}


def build(name: str, project: str = "", output: str = "", **configuration: str) -> dict[str, Any]:
    given = {"ProjectName": project or name.lower(), **configuration}
    more: dict[str, Any] = {"inputArtifacts": [{"name": "Code"}], "namespace": name}
    if output:
        more["outputArtifacts"] = [{"name": output}]
    return {"name": name, "actions": [action(name, "Build", "CodeBuild", given, **more)]}


class Promotions:
    """The account, and what its pipelines do."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        self.codepipeline, self.codecommit, self.s3 = (aws.client(it) for it in ("codepipeline", "codecommit", "s3"))
        aws.role("promoter", "codepipeline")
        aws.role("builder", "codebuild")
        self.s3.create_bucket(Bucket="store", CreateBucketConfiguration={"LocationConstraint": REGION})
        (aws.directory / "images.json").write_text(json.dumps({"aws/codebuild/*": sys.prefix}))
        self.codecommit.create_repository(repositoryName="fraud")
        self.commit = self.push("model.txt", "one")
        """The newest commit of the branch main."""

    def push(self, path: str, text: str, parent: str = "") -> str:
        more = {"parentCommitId": parent} if parent else {}
        made = self.codecommit.put_file(
            repositoryName="fraud",
            branchName="main",
            filePath=path,
            fileContent=text.encode(),
            commitMessage=f"Change {path}",
            name="Ana",
            email="ana@acme.example",
            **more,
        )
        self.commit = str(made["commitId"])
        return self.commit

    def project(self, name: str, *commands: str, exported: str = "", files: str = "") -> None:
        lines = ["version: 0.2"]
        if exported:
            lines.append(f"env: {{exported-variables: [{exported}]}}")
        lines += ["phases:", "  build:", "    commands:", *(f"      - {command}" for command in commands)]
        if files:
            lines += ["artifacts:", f"  files: [{files}]"]
        self.aws.client("codebuild").create_project(
            name=name,
            source={"type": "CODEPIPELINE", "buildspec": "\n".join(lines)},
            artifacts={"type": "CODEPIPELINE"},
            environment=ENVIRONMENT,
            serviceRole=role_arn("builder"),
        )

    def declaration(self, name: str, *stages: dict[str, Any], **more: Any) -> dict[str, Any]:
        role = role_arn("promoter")
        fixed = {"name": name, "roleArn": role, "artifactStore": STORE, "pipelineType": "V2", "stages": list(stages)}
        return {**fixed, **more}

    def create(self, name: str, *stages: dict[str, Any], **more: Any) -> str:
        """Creates a pipeline and returns the execution that its creation starts, or an empty text."""
        self.codepipeline.create_pipeline(pipeline=self.declaration(name, *stages, **more))
        found = self.executions(name)
        return str(found[0]["pipelineExecutionId"]) if found else ""

    def start(self, name: str, **more: Any) -> str:
        return str(self.codepipeline.start_pipeline_execution(name=name, **more)["pipelineExecutionId"])

    def executions(self, name: str) -> list[dict[str, Any]]:
        found = self.codepipeline.list_pipeline_executions(pipelineName=name)
        return list(found["pipelineExecutionSummaries"])

    def execution(self, name: str, identifier: str) -> dict[str, Any]:
        found = self.codepipeline.get_pipeline_execution(pipelineName=name, pipelineExecutionId=identifier)
        return dict(found["pipelineExecution"])

    def status(self, name: str, identifier: str) -> str:
        return str(self.execution(name, identifier)["status"])

    def ended(self, name: str, identifier: str) -> str:
        """Returns the status of an execution when it has ended."""

        def look() -> str | None:
            status = self.status(name, identifier)
            return None if status in ("InProgress", "Stopping") else status

        return str(eventually(look))

    def actions(self, name: str, identifier: str) -> dict[str, dict[str, Any]]:
        """Returns the last run of each action of an execution by stage and name."""
        found = self.codepipeline.list_action_executions(pipelineName=name, filter={"pipelineExecutionId": identifier})[
            "actionExecutionDetails"
        ]
        return {
            f"{execution_detail['stageName']}.{execution_detail['actionName']}": execution_detail
            for execution_detail in found[::-1]
        }

    def stages(self, name: str) -> dict[str, dict[str, Any]]:
        found = self.codepipeline.get_pipeline_state(name=name)["stageStates"]
        return {stage_state["stageName"]: stage_state for stage_state in found}

    def token(self, name: str, stage: str = "Approve", identifier: str = "") -> str:
        """Returns the token of an approval when it waits, of an execution if it is given."""

        def look() -> str | None:
            state = self.stages(name)[stage]
            if identifier and state.get("latestExecution", {}).get("pipelineExecutionId") != identifier:
                return None
            token: str | None = state["actionStates"][0].get("latestExecution", {}).get("token")
            return token

        return str(eventually(look))

    def answer(self, name: str, token: str, status: str = "Approved", stage: str = "Approve", **more: Any) -> None:
        client = more.pop("client", self.codepipeline)
        client.put_approval_result(
            pipelineName=name,
            stageName=stage,
            actionName="Decide",
            token=token,
            result={"summary": more.pop("summary", "decided"), "status": status},
        )
