"""Predictions on events: rules of EventBridge, and the function between them and an endpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.integration.dead_letter_queue import kept_if_undelivered
from components.monitoring.zero_alarm import alarm_above_zero, messages_in
from components.serving.prediction_function import PredictionFunction, PredictionFunctionArgs
from components.serving.serving_place import ServingPlace

ANSWERED = "Prediction Completed"
"""Detail type of events with an answer."""
RETRY_HOURS = 1
"""Hours for which EventBridge tries to deliver an event. A prediction that is later rarely helps anybody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRouteArgs:
    """Arguments of :class:`EventRoute`."""

    place: ServingPlace
    """Names, network, key and roles of the environment."""

    endpoint_name: pulumi.Input[str]
    """Name of the endpoint that predicts. The rule changes only after the endpoint."""

    source: str
    """Source of the events with answers: ``fraud.scoring``."""

    pattern: str
    """Pattern of the events that ask for predictions, as JSON. It does not match answers."""

    code: pulumi.Archive
    """Files of the function."""

    handler: str
    """Module and function that Lambda calls: ``predict.events.handle``."""

    answers_queue_arn: str | None
    """ARN of the queue to which answers are delivered. None leaves them on the bus, for rules of other programs."""

    failures_queue_arn: str
    """ARN of the dead-letter queue, for events that do not reach the function and for those on which it fails."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""


class EventRoute(pulumi.ComponentResource):
    """Answers events on the default bus of the account with predictions (RT-03).

    EventBridge may deliver an event more than once. The answers to it then have the same id of the request. Lambda runs
    the function three times before an event becomes a dead letter, and an alarm tells of dead letters.

    Creates: the function; the rule for requests with its target and the permission to invoke the function; with a queue
    for answers, the rule that delivers them; an alarm on the dead-letter queue.

    Outputs: ``rule_arn``.

    Raises: ValueError outside the limits of Lambda.

    Cost: 1 USD per million events, and the function.

    Example::

        EventRoute("events", EventRouteArgs(
            place=place, endpoint_name=endpoint.endpoint_name, source="fraud.scoring", pattern=pattern, code=code,
            handler="predict.events.handle", answers_queue_arn=None, failures_queue_arn=queue_arn,
        ))
    """

    rule_arn: pulumi.Output[str]
    """ARN of the rule for requests, known once events reach the function."""

    def __init__(self, name: str, args: EventRouteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:serving:EventRoute", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        function = self._function()
        rule, target = self._requests(function)
        if args.answers_queue_arn is not None:
            self._answers(args.answers_queue_arn)
        self._alarm()
        self.rule_arn = pulumi.Output.all(rule.arn, target.id).apply(lambda known: str(known[0]))
        self.register_outputs({"rule_arn": self.rule_arn})

    def _function(self) -> PredictionFunction:
        args, place = self._args, self._args.place
        function = PredictionFunctionArgs(
            function_name=place.event_function_name,
            description="Answers events with predictions",
            code=args.code,
            handler=args.handler,
            role_arn=place.function_role_arn,
            variables={
                "ENDPOINT_NAME": args.endpoint_name,
                "EVENT_SOURCE": args.source,
                **place.switch_variables,
            },
            subnet_ids=place.subnet_ids,
            security_group_ids=place.security_group_ids,
            key_arn=place.key_arn,
            log_retention_days=place.log_retention_days,
            dead_letter_queue_arn=args.failures_queue_arn,
            tags=args.tags,
        )
        return PredictionFunction(f"{self._name}-function", function, self._child)

    def _requests(self, function: PredictionFunction) -> tuple[aws.cloudwatch.EventRule, aws.cloudwatch.EventTarget]:
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-requests",
            name=f"{self._args.place.prefix}-requests",
            description=pulumi.Output.concat("Events that the endpoint ", self._args.endpoint_name, " answers"),
            event_pattern=self._args.pattern,
            opts=self._child,
        )
        permission = aws.lambda_.Permission(
            f"{self._name}-permission",
            statement_id="requests",
            action="lambda:InvokeFunction",
            function=function.function_name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=self._child,
        )
        return rule, self._target("requests", rule, function.function_arn, [permission])

    def _answers(self, queue_arn: str) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-answers",
            name=f"{self._args.place.prefix}-answers",
            description="Delivers predictions to the queue for answers",
            event_pattern=json.dumps({"source": [self._args.source], "detail-type": [ANSWERED]}),
            opts=self._child,
        )
        self._target("answers", rule, queue_arn, [])

    def _target(
        self,
        suffix: str,
        rule: aws.cloudwatch.EventRule,
        arn: pulumi.Input[str],
        depends_on: list[pulumi.Resource],
    ) -> aws.cloudwatch.EventTarget:
        return aws.cloudwatch.EventTarget(
            f"{self._name}-{suffix}-target",
            rule=rule.name,
            target_id=suffix,
            arn=arn,
            **kept_if_undelivered(self._args.failures_queue_arn, hours=RETRY_HOURS),
            # Without the permission, EventBridge would put the first events into the dead-letter queue.
            opts=pulumi.ResourceOptions(parent=self, depends_on=depends_on),
        )

    def _alarm(self) -> None:
        queue = self._args.failures_queue_arn.rpartition(":")[2]
        alarm_above_zero(
            f"{self._name}-failures",
            messages_in(queue),
            name=queue,
            text=f"Events without a prediction are in the queue {queue}",
            topic_arn=self._args.place.topic_arn,
            opts=self._child,
            tags=self._args.tags,
        )
