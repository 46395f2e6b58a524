"""A tooling account in the emulator with a promotion pipeline whose actions a test answers instead of builds."""

from __future__ import annotations

import json
from typing import Any

import boto3
from click.testing import CliRunner, Result

from executors.promotions import Promotions, action, role_arn, source
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from runtime.promotion.records import decision_of, failure_of, plan_of, robust_state_of
from selfservice.cli.command import main
from settings.data.promotion_layout import APPROVAL, MODEL_PACKAGE, TARGET
from tests.support.workbench import REPOSITORY

USE_CASE = "fraud--scoring"
PIPELINE = f"{USE_CASE}-promotion"
GROUP = f"{USE_CASE}-main"
BUCKET = f"acme-artifacts-{MANAGEMENT}-{REGION}-an"
DEPLOY = "Deploy"
COMMIT = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d"


class Site(Promotions):
    """The account. Stages that deploy have a manual action, which the test ends as a build would."""

    bucket = BUCKET

    def __init__(self, aws: EmulatedAws) -> None:
        super().__init__(aws)
        self.sagemaker = aws.client("sagemaker")
        self.s3.create_bucket(
            Bucket=BUCKET,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            BucketNamespace="account-regional",
        )
        self.sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
        stages = [
            source(),
            *(_manual(stage, APPROVAL) for stage in ("Review",)),
            _manual("Preproduction", DEPLOY),
            _manual("Release", APPROVAL, only_to_production=True),
            _manual("Production", DEPLOY, only_to_production=True),
        ]
        variables = [{"name": MODEL_PACKAGE}, {"name": TARGET, "defaultValue": "production"}]
        declared = self.declaration(PIPELINE, *stages, executionMode="QUEUED", variables=variables)
        self.codepipeline.create_pipeline(pipeline=declared)
        aws.role("people", "codepipeline")
        self.people = {user: self._session(user) for user in ("ben", "chloe", "dan")}

    def register(self, status: str = "Approved") -> int:
        """Registers a version and returns its number."""
        container = {"Image": f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com/x:1", "ModelDataUrl": f"s3://{BUCKET}/m"}
        arn = self.sagemaker.create_model_package(
            ModelPackageGroupName=GROUP,
            ModelApprovalStatus=status,
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )["ModelPackageArn"]
        return int(arn.rpartition("/")[2])

    def begin(self, version: int = 1, target: str = "production") -> str:
        """Starts an execution with its plan."""
        variables = [{"name": MODEL_PACKAGE, "value": str(version)}, {"name": TARGET, "value": target}]
        execution = self.start(PIPELINE, variables=variables)
        self.plan(execution, version)
        return execution

    def plan(self, execution: str, version: int) -> None:
        self.record(plan_of(execution), {"execution": execution, "version": version, "commit": COMMIT})

    def decide(self, execution: str, stage: str, status: str = "Approved", *, by: str = "chloe", why: str = "") -> None:
        """Ends the action of a stage: an approval, or what stands for a deployment."""
        name = APPROVAL if stage in ("Review", "Release") else DEPLOY
        token = self.token(PIPELINE, stage, execution)
        self.as_person(by).put_approval_result(
            pipelineName=PIPELINE,
            stageName=stage,
            actionName=name,
            token=token,
            result={"summary": why, "status": status},
        )

    def deploys(self, execution: str, environment: str, version: int) -> None:
        """Ends a deployment, and records the robust state."""
        self.robust(execution, environment, version)
        self.decide(execution, environment.capitalize())

    def robust(self, execution: str, environment: str, version: int) -> None:
        state = {"execution": execution, "version": version, "commit": COMMIT, "deployed_at": "2026-11-22T10:00:00Z"}
        self.record(robust_state_of(environment), state)

    def fails(self, execution: str, environment: str, **record: Any) -> None:
        self.record(failure_of(execution, environment), record)
        self.decide(execution, environment.capitalize(), "Rejected")

    def voids(self, execution: str, stage: str, *faults: str) -> None:
        self.record(decision_of(execution, stage), {"faults": faults})

    def promoted(self, version: int, target: str = "production") -> str:
        """Runs an execution to its end."""
        execution = self.begin(version, target)
        for stage, environment in (("Review", "preproduction"), ("Release", "production")):
            self.decide(execution, stage)
            self.deploys(execution, environment, version)
            if environment == target:
                break
        assert self.ended(PIPELINE, execution) == "Succeeded"
        return execution

    def record(self, name: str, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.s3.put_object(Bucket=BUCKET, Key=f"fraud/scoring/promotions/{name}", Body=body)

    def _session(self, user: str) -> dict[str, str]:
        """Returns the credentials of a person: a session with the name of the user, as Identity Center opens it."""
        found = self.aws.client("sts").assume_role(RoleArn=role_arn("people"), RoleSessionName=user)["Credentials"]
        return {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }

    def as_person(self, user: str) -> Any:
        return boto3.client("codepipeline", endpoint_url=self.aws.url, region_name=REGION, **self.people[user])

    def plinth(self, *words: str, user: str = "dan", **environment: str) -> Result:
        """Runs a command with the credentials of a person."""
        keys = {name.upper(): value for name, value in self.people[user].items()}
        variables = {**keys, "AWS_ENDPOINT_URL": self.aws.url, **environment}
        return CliRunner(env=variables).invoke(main, ["--cwd", str(REPOSITORY), *words])


def _manual(stage: str, name: str, *, only_to_production: bool = False) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": stage, "actions": [action(name, "Approval", "Manual", {})]}
    if stage in ("Preproduction", "Production"):
        declared["onFailure"] = {"result": "ROLLBACK"}
    if only_to_production:
        rule = {
            "name": "ToProduction",
            "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "VariableCheck", "version": "1"},
            "configuration": {"Variable": f"#{{variables.{TARGET}}}", "Value": "production", "Operator": "EQ"},
        }
        declared["beforeEntry"] = {"conditions": [{"result": "SKIP", "rules": [rule]}]}
    return declared
