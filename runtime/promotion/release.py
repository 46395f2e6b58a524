"""The commands that deploy a plan to an environment and test it there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from runtime.promotion.alarms import fired_since
from runtime.promotion.code import Repositories, faults_of_content
from runtime.promotion.decisions.sign_offs import sign_offs
from runtime.promotion.engine import DeploymentStack
from runtime.promotion.errors import PromotionError
from runtime.promotion.lifecycle import mark_served
from runtime.promotion.plan import Plan
from runtime.promotion.program.variables import without_credentials
from runtime.promotion.records import Records, deployment_of, robust_state_of
from runtime.promotion.served import failure_since, served, wait_until_settled
from runtime.promotion.variables import Variables
from runtime.promotion.versions import contents_of, find_version

LAST = "production"
TESTED: Mapping[str, str] = {"url": "API_URL", "function_name": "START_FUNCTION", "answers_url": "ANSWERS_URL"}
"""Environment variable with which tests find a service, by the output of the program."""
_RUN_ACTIONS = (
    "kms:Decrypt", "kms:GenerateDataKey", "lambda:InvokeFunction", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
    "sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps", "sagemaker:ListPipelineExecutions",
)  # fmt: skip
"""Actions of tests that run batch inference."""
_EVENT_ACTIONS = (
    "events:PutEvents", "kms:Decrypt", "sqs:DeleteMessage", "sqs:ReceiveMessage",
)  # fmt: skip
"""Actions of tests that ask with events, on the resources that the role names."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """One environment's part of a promotion."""

    variables: Variables
    session: boto3.Session
    """Session of the promotion role."""
    records: Records
    plan: Plan
    environment: str
    program: Path
    """Folder of the deployment repository at the commit of the plan."""

    def deploy(self) -> None:
        """Deploys the plan, marks in the registry what the environment serves, and compares it with the plan.

        If it fails, CodePipeline rolls the stage back, which runs this command for the last execution that succeeded in
        the stage. A first deployment that fails stays as it is, because there is no state to return to.

        Raises: PromotionError.
        """
        self._require_unchanged()
        baseline = (self.records.read(robust_state_of(self.environment)) or {}).get("model_package")
        outputs = self._deployed(self._stack(baseline))
        found = served(self._released(), outputs)
        ours = [arn for arn in found.versions if arn.startswith("arn:")]
        mark_served(self.session.client("sagemaker"), self.records, self.environment, ours)
        if faults := list(found.faults(outputs, self.plan, baseline)):
            raise PromotionError(f"{self.environment} does not serve the plan: {'; '.join(faults)}")
        self.records.write(deployment_of(self.variables.execution, self.environment), self._record(outputs))
        if self.environment == LAST:
            self._record_robust_state(outputs)

    def test(self) -> None:
        """Runs the tests of the repository against what is deployed, and records the robust state (RB-02).

        Raises: PromotionError if a test fails.
        """
        self._require_content()
        record = self.records.read(deployment_of(self.variables.execution, self.environment))
        if record is None:
            raise PromotionError(f"execution {self.variables.execution} has not deployed to {self.environment}")
        outputs: dict[str, Any] = record["outputs"]
        self._run_tests(outputs)
        self._record_robust_state(outputs)

    def _deployed(self, stack: DeploymentStack) -> dict[str, Any]:
        """Updates the stack, after an earlier deployment of its endpoint has ended. An error contains the reason of
        SageMaker, and the alarms that fired meanwhile, because one of them may be its cause."""
        start, endpoint, before = datetime.now(UTC), stack.outputs().get("endpoint_name"), None
        try:
            if endpoint:
                before = wait_until_settled(self._released, str(endpoint), self.plan.model_package)
            return stack.deploy()
        except PromotionError as error:
            if not endpoint:
                raise
            session = self._released()
            reason = failure_since(session, before) if before else ""
            message = f"{reason}\n{error}" if reason else str(error)
            raise PromotionError(message, fired_since(session, str(endpoint), start)) from error

    def _stack(self, baseline: str | None) -> DeploymentStack:
        """Returns the stack that serves the plan. ``baseline`` is the version with which a trial compares it."""
        return DeploymentStack(
            program=self.program,
            project=self.variables.prefix,
            name=f"{self.variables.team}-{self.environment}",
            region=self.variables.region,
            records=self.records,
            settings={
                **self._evidence(baseline),
                "release:version_arn": self.plan.model_package,
                "release:commit": self.plan.commit,
                "release:image": self.plan.image,
                "release:archive": self.plan.contents[0]["archive"],
                **({"release:baseline_arn": baseline} if baseline else {}),
            },
        )

    def _evidence(self, baseline: str | None) -> dict[str, str]:
        """Returns the configuration by which the policies judge the release: settings, versions, and who approved."""
        versions = [self.plan.model_package, *([baseline] if baseline else [])]
        promotion = {"versions": versions, "sign_offs": sign_offs(self.plan, self.records)}
        given = {**self.variables.foundation, "promotion": json.dumps(promotion)}
        return {f"plinth:{name}": text for name, text in given.items()}

    def _released(self, policy: Mapping[str, Any] | None = None) -> boto3.Session:
        """Returns a session of the release role in the account of the environment, limited by a session policy."""
        taken = self.session.client("sts").assume_role(
            RoleArn=self.variables.release_roles[self.environment],
            RoleSessionName=f"promotion-{self.variables.execution}"[:64],
            **({"Policy": json.dumps(policy)} if policy else {}),
        )["Credentials"]
        return boto3.Session(
            region_name=self.variables.region,
            aws_access_key_id=taken["AccessKeyId"],
            aws_secret_access_key=taken["SecretAccessKey"],
            aws_session_token=taken["SessionToken"],
        )

    def _require_unchanged(self) -> None:
        """Refuses a version whose image, archive or approval changed since the plan was made, and other code than that
        of the commit (PROM-09)."""
        version = find_version(self.session.client("sagemaker"), self.variables.model_group, self.plan.model_package)
        found = contents_of(self.session.client("s3"), version)
        if found != [dict(content) for content in self.plan.contents]:
            raise PromotionError(f"version {version.number} has changed since it was reviewed: {found}")
        self._require_content()

    def _require_content(self) -> None:
        code = Repositories(codecommit=self.session.client("codecommit"), prefix=self.variables.prefix)
        if faults := list(faults_of_content(self.program, code.blobs(self.plan.commit))):
            raise PromotionError(f"the code is not that of commit {self.plan.commit}: {'; '.join(faults)}")

    def _run_tests(self, outputs: Mapping[str, Any]) -> None:
        credentials = self._released(_calls_only(outputs)).get_credentials()
        assert credentials is not None
        frozen = credentials.get_frozen_credentials()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--quiet", "tests", "--junit-xml=build/reports/service.xml"],
            cwd=self.program,
            env={
                **without_credentials(os.environ),
                **{variable: str(outputs[name]) for name, variable in TESTED.items() if name in outputs},
                "API_KEY": self._api_key(outputs),
                "AWS_ACCESS_KEY_ID": str(frozen.access_key),
                "AWS_SECRET_ACCESS_KEY": str(frozen.secret_key),
                "AWS_SESSION_TOKEN": frozen.token or "",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        print(done.stdout)
        if done.returncode:
            raise PromotionError(f"tests failed in {self.environment}: {_last_lines(done.stdout or done.stderr)}")

    def _api_key(self, outputs: Mapping[str, Any]) -> str:
        """Returns the value of the API key of tests, or nothing if the API requires none."""
        if (number := outputs.get("api_key_id")) is None:
            return ""
        client = self._released().client("apigateway")
        return str(client.get_api_key(apiKey=str(number), includeValue=True)["value"])

    def _record_robust_state(self, outputs: Mapping[str, Any]) -> None:
        self.records.write(robust_state_of(self.environment), self._record(outputs))

    def _record(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        deployed = {"deployed_at": datetime.now(UTC).isoformat(timespec="seconds"), "outputs": dict(outputs)}
        return {**self.plan.served, **deployed, "environment": self.environment}


def _calls_only(outputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Returns a session policy for tests, which allows calls of the API of the release and nothing else. With batch
    inference, it allows runs of test inputs, on the resources that the role names. None for any other release."""
    if outputs.get("pipeline_name") is not None:
        run = {"Effect": "Allow", "Action": list(_RUN_ACTIONS), "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [run]}
    if (api := outputs.get("api_id")) is None:
        return None
    call = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"arn:aws:execute-api:*:*:{api}/*"}
    ask = {"Effect": "Allow", "Action": list(_EVENT_ACTIONS), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [call, *([ask] if "answers_url" in outputs else [])]}


def _last_lines(text: str, count: int = 20) -> str:
    lines: Sequence[str] = text.strip().splitlines()
    return "\n".join(lines[-count:])
