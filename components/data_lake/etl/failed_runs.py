"""Notification about failed runs of the lake's jobs and crawlers, through the dead-letter queue."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

FAILURE_EVENTS = {
    "Glue Job State Change": {"jobName": [{"prefix": "lake-"}], "state": ["ERROR", "FAILED", "TIMEOUT"]},
    "Glue Crawler State Change": {"crawlerName": [{"prefix": "lake-"}], "state": ["Failed"]},
}
"""Event patterns of failed runs (EventBridge Events Reference, "AWS Glue events")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedRunsArgs:
    """Arguments of :class:`FailedRuns`."""

    queue_arn: pulumi.Input[str]
    """ARN of the queue. Its policy must allow rules whose names begin with ``lake-``."""


class FailedRuns(pulumi.ComponentResource):
    """Rules that send one message to the queue for each failed run of a dataset's job or crawler.

    Creates: one rule for jobs and one for crawlers, each with the queue as its target.

    Outputs: none.

    Cost: none for AWS's own events.

    Example::

        FailedRuns("failed", FailedRunsArgs(queue_arn=queue.arn))
    """

    def __init__(self, name: str, args: FailedRunsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:FailedRuns", name, None, opts)
        for kind, detail in FAILURE_EVENTS.items():
            suffix = "jobs" if "Job" in kind else "crawlers"
            rule = aws.cloudwatch.EventRule(
                f"{name}-{suffix}",
                name=f"lake-failed-{suffix}",
                description=f"Runs of the lake's {suffix} that failed",
                event_pattern=json.dumps({"source": ["aws.glue"], "detail-type": [kind], "detail": detail}),
                opts=pulumi.ResourceOptions(parent=self),
            )
            aws.cloudwatch.EventTarget(
                f"{name}-{suffix}-target",
                rule=rule.name,
                target_id="queue",
                arn=args.queue_arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
