"""The schedule that starts builds which remove unused feature branches."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.delivery.push_rule import build_input
from components.integration.dead_letter_queue import kept_if_undelivered
from settings.derived.use_case_names import MAIN
from settings.types.aws.use_case_builds import BRANCH, CLEAN_UP, TASK

EVERY = "rate(1 day)"


@dataclass(frozen=True, kw_only=True, slots=True)
class CleanUpScheduleArgs:
    """Arguments of :class:`CleanUpSchedule`."""

    rule_name: str
    """Name of the rule, up to 64 characters (an EventBridge limit)."""

    label: str
    """Team and use case, for the description."""

    project_arn: pulumi.Input[str]
    """ARN of the CodeBuild project to start."""

    role_arn: pulumi.Input[str]
    """ARN of the role with which EventBridge starts the project."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the queue for starts that could not be delivered."""


class CleanUpSchedule(pulumi.ComponentResource):
    """A rule that starts a build of ``main`` every day, which removes feature branches that nobody builds any more
    (BR-07). Builds after a push to ``main`` remove merged branches.

    Creates: the rule and its target.

    Outputs: none.

    Cost: about two minutes of a build a day, 0.60 USD a month.

    Example::

        CleanUpSchedule("clean-up", CleanUpScheduleArgs(
            rule_name="fraud--scoring-clean-up", label="fraud/scoring", project_arn=build.arn,
            role_arn=starter.arn, dead_letter_queue_arn=queue.arn,
        ))
    """

    def __init__(self, name: str, args: CleanUpScheduleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:CleanUpSchedule", name, None, opts)
        rule = aws.cloudwatch.EventRule(
            f"{name}-rule",
            name=args.rule_name,
            description=f"Removes unused feature branches of {args.label}",
            schedule_expression=EVERY,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            target_id="build",
            arn=args.project_arn,
            role_arn=args.role_arn,
            input=build_input(MAIN, {BRANCH: MAIN, TASK: CLEAN_UP}),
            **kept_if_undelivered(args.dead_letter_queue_arn),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"rule_arn": rule.arn})
