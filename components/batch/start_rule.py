"""The rule that invokes a function which starts work: batch inference on the arrival of an input, or a schedule."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.integration.dead_letter_queue import kept_if_undelivered


@dataclass(frozen=True, kw_only=True, slots=True)
class StartRuleArgs:
    """Arguments of :class:`StartRule`."""

    rule_name: str
    """Name of the rule, up to 64 characters (an EventBridge limit)."""

    function_name: pulumi.Input[str]
    """Name of the function that starts a run."""

    function_arn: pulumi.Input[str]
    """ARN of the function."""

    dead_letter_queue_arn: str
    """ARN of the queue for events that do not reach the function."""

    pattern: str | None = None
    """Event pattern as JSON. Exactly one of pattern and schedule is given."""

    schedule: str | None = None
    """Schedule expression, in UTC: ``cron(0 6 * * ? *)``."""

    description: str = "Starts batch inference"
    """Description of the rule, up to 512 characters (an EventBridge limit)."""

    def __post_init__(self) -> None:
        if (self.pattern is None) == (self.schedule is None):
            raise ValueError("pattern, schedule: give exactly one of them")


class StartRule(pulumi.ComponentResource):
    """Invokes a function for each event of a pattern, or at the times of a schedule. EventBridge may deliver an event
    more than once, so the function starts a run once for each input.

    Creates: the rule; its target; the permission of the rule to invoke the function.

    Outputs: ``rule_arn``.

    Raises: ValueError unless exactly one of pattern and schedule is given.

    Cost: none for events of AWS services and schedules of rules.

    Example::

        StartRule("start", StartRuleArgs(
            rule_name="fraud--scoring-prod-start-batch", function_name=function.function_name,
            function_arn=function.function_arn, dead_letter_queue_arn=queue_arn, schedule="rate(1 day)",
        ))
    """

    rule_arn: pulumi.Output[str]
    """ARN of the rule."""

    def __init__(self, name: str, args: StartRuleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:batch:StartRule", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        rule = aws.cloudwatch.EventRule(
            f"{name}-rule",
            name=args.rule_name,
            description=args.description,
            event_pattern=args.pattern,
            schedule_expression=args.schedule,
            opts=child,
        )
        permission = aws.lambda_.Permission(
            f"{name}-permission",
            statement_id="rule",
            action="lambda:InvokeFunction",
            function=args.function_name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=child,
        )
        aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            target_id="start",
            arn=args.function_arn,
            **kept_if_undelivered(args.dead_letter_queue_arn),
            # Without the permission, EventBridge would put the first events into the queue.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        self.rule_arn = rule.arn
        self.register_outputs({"rule_arn": self.rule_arn})
