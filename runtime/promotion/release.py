"""The commands that run code of the deployment repository in the name of an environment: its program, which deploys a
plan, and its tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.promotion.code import Repositories, faults_of_content
from runtime.promotion.engine import DeploymentStack
from runtime.promotion.environment.alarms import firings
from runtime.promotion.environment.fleet import fleet_of
from runtime.promotion.environment.served import failure_since, wait_until_settled
from runtime.promotion.environment.target import Target
from runtime.promotion.errors import PromotionError
from runtime.promotion.program.variables import without_credentials
from runtime.promotion.versions import contents_of, find_version

TESTED: Mapping[str, str] = {
    "url": "API_URL",
    "endpoint_name": "LOADED_ENDPOINT",
    "function_name": "START_FUNCTION",
    "answers_url": "ANSWERS_URL",
}
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
_LOAD_ACTIONS = ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")
"""Actions of load tests, which read what CloudWatch measured. Neither has a narrower resource."""


@dataclass(frozen=True)
class Release:
    """A release of the plan to one environment."""

    target: Target

    def deploy(self) -> None:
        """Deploys the plan.

        If it fails, CodePipeline rolls the stage back, which runs this command for the last execution that succeeded in
        the stage. If the use case was retired since, this deletes what the failed execution has deployed. A first
        deployment that fails stays as it is, because there is no state to return to.

        Raises: PromotionError.
        """
        stack = self.target.stack()
        if self.target.returns_to_nothing:
            if endpoint := stack.endpoint():
                wait_until_settled(self.target.released, endpoint, self.target.plan.model_package)
            stack.destroy()
            return
        self._require_unchanged()
        self._deploy(stack)

    def test(self) -> None:
        """Runs the tests of the repository against what is deployed. Raises PromotionError if a test fails."""
        if self.target.returns_to_nothing:
            return
        self._require_content()
        self._run_tests(self.target.stack().outputs())

    def _deploy(self, stack: DeploymentStack) -> None:
        """Updates the stack, after an earlier deployment of its endpoint has ended. An error contains the reason of
        SageMaker, and the alarms that fired meanwhile, because one of them may be its cause."""
        endpoint, released, before = stack.endpoint(), self.target.released, None
        known = firings(released(), stack.alarms()) if endpoint else []
        try:
            if endpoint:
                before = wait_until_settled(released, endpoint, self.target.plan.model_package)
            stack.deploy(fleet_of(released(), before) if before else {})
        except PromotionError as error:
            if not endpoint:
                raise
            session = released()
            reason = failure_since(session, before) if before else ""
            message = f"{reason}\n{error}" if reason else str(error)
            fired = [firing.as_record() for firing in firings(session, stack.alarms()) if firing not in known]
            raise PromotionError(message, fired) from error

    def _require_unchanged(self) -> None:
        """Refuses a version whose image, archive or approval changed since the plan was made, and other code than that
        of the commit (PROM-09)."""
        target = self.target
        sagemaker, s3 = (target.session.client(service) for service in ("sagemaker", "s3"))
        version = find_version(sagemaker, target.variables.model_group, target.plan.model_package)
        found = contents_of(s3, version)
        if found != [dict(content) for content in target.plan.contents]:
            raise PromotionError(f"version {version.number} has changed since it was reviewed: {found}")
        self._require_content()

    def _require_content(self) -> None:
        target = self.target
        code = Repositories(codecommit=target.session.client("codecommit"), prefix=target.variables.prefix)
        if faults := list(faults_of_content(target.program, code.blobs(target.plan.commit))):
            raise PromotionError(f"the code is not that of commit {target.plan.commit}: {'; '.join(faults)}")

    def _run_tests(self, outputs: Mapping[str, Any]) -> None:
        credentials = self.target.released(_calls_only(outputs)).get_credentials()
        assert credentials is not None
        frozen = credentials.get_frozen_credentials()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--quiet", "tests", "--junit-xml=build/reports/service.xml"],
            cwd=self.target.program,
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
            said = _last_lines(done.stdout or done.stderr)
            raise PromotionError(f"tests failed in {self.target.environment}: {said}")

    def _api_key(self, outputs: Mapping[str, Any]) -> str:
        """Returns the value of the API key of tests, or nothing if the API requires none."""
        if (number := outputs.get("api_key_id")) is None:
            return ""
        client = self.target.released().client("apigateway")
        return str(client.get_api_key(apiKey=str(number), includeValue=True)["value"])


def _calls_only(outputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Returns a session policy for tests, which allows calls of the API of the release, and reading metrics. With batch
    inference, it allows runs of test inputs, on the resources that the role names. None for any other release."""
    if outputs.get("pipeline_name") is not None:
        run = {"Effect": "Allow", "Action": list(_RUN_ACTIONS), "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [run]}
    if (api := outputs.get("api_id")) is None:
        return None
    call = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"arn:aws:execute-api:*:*:{api}/*"}
    load = {"Effect": "Allow", "Action": list(_LOAD_ACTIONS), "Resource": "*"}
    ask = {"Effect": "Allow", "Action": list(_EVENT_ACTIONS), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [call, load, *([ask] if "answers_url" in outputs else [])]}


def _last_lines(text: str, count: int = 20) -> str:
    lines: Sequence[str] = text.strip().splitlines()
    return "\n".join(lines[-count:])
