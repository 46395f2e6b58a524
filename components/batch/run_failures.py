"""Tells people of failed runs of batch inference, and of events and intakes that started none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.integration.dead_letter_queue import kept_if_undelivered
from components.monitoring.zero_alarm import WatchedMetric, alarm_above_zero, errors_of, messages_in

_RUN = "SageMaker Model Building Pipeline Execution"
_RETRY = (
    "Remove the cause. Then either store the input under a new build id, or repeat the failed steps: "
    "aws sagemaker retry-pipeline-execution --pipeline-execution-arn with the ARN of the run."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFailuresArgs:
    """Arguments of :class:`RunFailures`."""

    label: str
    """Use case and environment: ``fraud--scoring in production``."""

    prefix: str
    """Prefix of the names of rules and alarms: ``fraud--scoring-prod``."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    region: str
    """Region of the pipeline."""

    topic_arn: pulumi.Input[str]
    """ARN of the topic that is told. Its policy admits the rules and alarms of the account."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the queue for events that did not reach the function, or the topic."""

    dead_letter_queues: Mapping[str, str]
    """Name of each queue whose messages are told, by the suffix of its alarm's name: ``start-failures``."""

    state_machines: Sequence[str] = ()
    """Names of the state machines of intakes that fill the inputs."""


class RunFailures(pulumi.ComponentResource):
    """Tells a topic of each failed step and run of batch inference, of failed intakes of its inputs, of errors of the
    function that starts runs, and of messages in dead-letter queues (INT-09).

    Creates: a rule with its target for failed steps and one for failed runs; with intakes, one for their failed
    executions; an alarm on errors of the function, and one on each queue.

    Outputs: none.

    Cost: 0.10 USD a month for each alarm.

    Example::

        RunFailures("failures-production", RunFailuresArgs(
            label="fraud--scoring in production", prefix="fraud--scoring-prod", account_id=production_id,
            region="eu-west-1", topic_arn=topic.arn, dead_letter_queue_arn=queue.arn,
            dead_letter_queues={"start-failures": "fraud--scoring-prod-start-failures"},
        ))
    """

    def __init__(self, name: str, args: RunFailuresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:batch:RunFailures", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        self._on_failed_steps()
        self._on_failed_runs()
        if args.state_machines:
            self._on_failed_intakes(args.state_machines)
        self._on_errors_of_starts()
        for suffix, queue in args.dead_letter_queues.items():
            self._on_messages(suffix, queue)
        self.register_outputs({"topic_arn": args.topic_arn})

    def _on_failed_steps(self) -> None:
        pattern = {"pipelineArn": [self._arn("sagemaker", self._pipeline)], "currentStepStatus": ["Failed"]}
        message = {
            "problem": f"A step of batch inference of {self._args.label} failed.",
            "run": "<run>",
            "step": "<step>",
            "reason": "<reason>",
            "what_to_do": _RETRY,
        }
        paths = {"run": "pipelineExecutionArn", "step": "stepName", "reason": "failureReason"}
        self._rule("step-failed", "aws.sagemaker", f"{_RUN} Step Status Change", pattern, paths, message)

    def _on_failed_runs(self) -> None:
        """Tells of runs too: one that cannot begin, for example without its role, has no failed step."""
        pattern = {
            "pipelineArn": [self._arn("sagemaker", self._pipeline)],
            "currentPipelineExecutionStatus": ["Failed"],
        }
        message = {
            "problem": f"A run of batch inference of {self._args.label} failed.",
            "build_id": "<build>",
            "run": "<run>",
            "reason": "See the messages about its steps, or: aws sagemaker list-pipeline-execution-steps "
            "--pipeline-execution-arn with the ARN of the run.",
            "what_to_do": _RETRY,
        }
        paths = {"run": "pipelineExecutionArn", "build": "pipelineExecutionDisplayName"}
        self._rule("run-failed", "aws.sagemaker", f"{_RUN} Status Change", pattern, paths, message)

    def _on_failed_intakes(self, machines: Sequence[str]) -> None:
        """Tells of failed intakes. Their events contain no cause, because the state machines have an own key."""
        pattern = {
            "stateMachineArn": [self._arn("states", f"stateMachine:{machine}") for machine in machines],
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        }
        message = {
            "problem": f"An intake of batch inference of {self._args.label} failed, so its input is missing.",
            "run": "<run>",
            "status": "<status>",
            "what_to_do": "Read the failure in the dead-letter queue of the intakes, remove the cause, and start the "
            "state machine with the input of the message.",
        }
        paths = {"run": "executionArn", "status": "status"}
        self._rule("intake-failed", "aws.states", "Step Functions Execution Status Change", pattern, paths, message)

    def _rule(
        self,
        suffix: str,
        source: str,
        detail_type: str,
        pattern: Mapping[str, object],
        paths: Mapping[str, str],
        message: Mapping[str, str],
    ) -> None:
        args = self._args
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-{suffix}",
            name=f"{args.prefix}-{suffix}",
            description=f"Tells of failures of batch inference of {args.label}",
            event_pattern=pulumi.Output.json_dumps(
                {"source": [source], "detail-type": [detail_type], "detail": dict(pattern)}
            ),
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            f"{self._name}-{suffix}-target",
            rule=rule.name,
            target_id="people",
            arn=args.topic_arn,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths={name: f"$.detail.{path}" for name, path in paths.items()},
                input_template=template(message),
            ),
            **kept_if_undelivered(args.dead_letter_queue_arn),
            opts=self._child,
        )

    def _on_errors_of_starts(self) -> None:
        """Tells of errors of the function, such as a schedule without a complete input. Lambda drops the event after
        two further attempts."""
        function = f"{self._args.prefix}-start-batch"
        text = f"Events started no batch inference of {self._args.label}; the reason is in /aws/lambda/{function}"
        self._alarm("start-errors", errors_of(function), text)

    def _on_messages(self, suffix: str, queue: str) -> None:
        text = f"The queue {queue} has events that started no batch inference of {self._args.label}"
        self._alarm(suffix, messages_in(queue), text)

    def _alarm(self, suffix: str, metric: WatchedMetric, text: str) -> None:
        alarm_above_zero(
            f"{self._name}-{suffix}",
            metric,
            name=f"{self._args.prefix}-{suffix}",
            text=text,
            topic_arn=self._args.topic_arn,
            opts=self._child,
        )

    @property
    def _pipeline(self) -> str:
        return f"pipeline/{self._args.prefix}-inference"

    def _arn(self, service: str, resource: str) -> pulumi.Output[str]:
        return arn_of(service, self._args.region, self._args.account_id, resource)


def template(message: Mapping[str, str]) -> str:
    """Returns the input template of a message as a JSON object. Values such as ``<run>`` are variables: outside quotes,
    EventBridge quotes and escapes them (EventBridge User Guide, "Amazon EventBridge input transformation")."""
    parts = (
        f"{json.dumps(name)}: {text if text.startswith('<') else json.dumps(text)}" for name, text in message.items()
    )
    return "{" + ", ".join(parts) + "}"
