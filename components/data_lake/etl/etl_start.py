"""The triggers of a dataset's job: arriving data and a schedule."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.integration.dead_letter_queue import kept_if_undelivered
from settings.data.etl import EtlUnit


@dataclass(frozen=True, kw_only=True, slots=True)
class EtlStartArgs:
    """Arguments of :class:`EtlStart`."""

    dataset: str
    """Name of the dataset."""

    unit: EtlUnit
    """Settings of the job: its sources and when it runs."""

    account_id: pulumi.Input[str]
    """Id of the data lake account."""

    landing_bucket: pulumi.Input[str]
    """Name of the landing zone's bucket, which sends events to EventBridge."""

    job_name: pulumi.Input[str] | None
    """Name of the job, or None."""

    crawler_name: pulumi.Input[str] | None
    """Name of the crawler, or None. The crawler runs before the job."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the dead-letter queue for events that could not start the workflow."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class EtlStart(pulumi.ComponentResource):
    """A Glue workflow that an EventBridge rule informs of arriving data (DL-01, ST-11).

    EventBridge cannot start a job, and many objects that arrive together should start only one run. Therefore the
    workflow collects events and then starts the crawler or the job once. Runs of the same job are queued, not
    concurrent.

    Creates: the workflow; if arrivals start it, a trigger for them with the rule, its role and its target; if there is
    a schedule, a scheduled trigger; if there are both a crawler and a job, a trigger from the crawler to the job.

    Outputs: ``workflow_name``.

    Cost: none.

    Example::

        EtlStart("start", EtlStartArgs(
            dataset="card-payments", unit=unit, landing_bucket=landing, job_name=job.job_name, ...,
        ))
    """

    workflow_name: pulumi.Output[str]
    """Name of the workflow, under which its runs are listed."""

    def __init__(self, name: str, args: EtlStartArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:EtlStart", name, None, opts)
        self._name, self._args = name, args
        self._workflow = aws.glue.Workflow(
            f"{name}-workflow",
            name=f"lake-{args.dataset}",
            description=f"Makes the dataset {args.dataset}",
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.unit.on_arrival:
            self._on_arrival()
        if args.unit.schedule is not None:
            self._trigger("schedule", "SCHEDULED", self._first(), schedule=args.unit.schedule)
        if args.crawler_name is not None and args.job_name is not None:
            self._after_the_crawler()
        self.workflow_name = self._workflow.name
        self.register_outputs({"workflow_name": self.workflow_name})

    def _first(self) -> aws.glue.TriggerActionArgs:
        if self._args.crawler_name is not None:
            return aws.glue.TriggerActionArgs(crawler_name=self._args.crawler_name)
        return aws.glue.TriggerActionArgs(job_name=self._args.job_name)

    def _trigger(
        self,
        suffix: str,
        kind: str,
        action: aws.glue.TriggerActionArgs,
        *,
        schedule: str | None = None,
        events: Sequence[aws.glue.TriggerEventBatchingConditionArgs] | None = None,
        predicate: aws.glue.TriggerPredicateArgs | None = None,
    ) -> aws.glue.Trigger:
        return aws.glue.Trigger(
            f"{self._name}-{suffix}",
            name=f"lake-{self._args.dataset}-{suffix}",
            type=kind,
            workflow_name=self._workflow.name,
            actions=[action],
            schedule=schedule,
            event_batching_conditions=events,
            predicate=predicate,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _after_the_crawler(self) -> None:
        succeeded = aws.glue.TriggerPredicateConditionArgs(
            crawler_name=self._args.crawler_name, crawl_state="SUCCEEDED", logical_operator="EQUALS"
        )
        self._trigger(
            "crawled",
            "CONDITIONAL",
            aws.glue.TriggerActionArgs(job_name=self._args.job_name),
            predicate=aws.glue.TriggerPredicateArgs(logical="AND", conditions=[succeeded]),
        )

    def _on_arrival(self) -> None:
        unit = self._args.unit
        batch = aws.glue.TriggerEventBatchingConditionArgs(
            batch_size=unit.batch_size, batch_window=unit.batch_window_seconds
        )
        started = self._trigger("arrival", "EVENT", self._first(), events=[batch])
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-rule",
            name=f"lake-arrival-{self._args.dataset}",
            description=f"Something landed for the dataset {self._args.dataset}",
            event_pattern=self._pattern(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.cloudwatch.EventTarget(
            f"{self._name}-target",
            rule=rule.name,
            target_id="workflow",
            arn=self._workflow.arn,
            role_arn=self._role(rule).arn,
            **kept_if_undelivered(self._args.dead_letter_queue_arn),
            # Events that arrive before the trigger exists would start nothing.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[started]),
        )

    def _pattern(self) -> pulumi.Output[str]:
        keys = [{"prefix": f"{source}/"} for source in self._args.unit.sources]
        return pulumi.Output.from_input(self._args.landing_bucket).apply(
            lambda bucket: json.dumps(
                {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {"bucket": {"name": [bucket]}, "object": {"key": keys}},
                }
            )
        )

    def _role(self, rule: aws.cloudwatch.EventRule) -> BoundedRole:
        tell = Statement(sid="TellTheWorkflow", actions=["glue:NotifyEvent"], resources=[self._workflow.arn])
        args = BoundedRoleArgs(
            role_name=f"data-lake-start-{self._args.dataset}",
            description=f"Tells the workflow of the dataset {self._args.dataset} what landed",
            trust=service_trust("events", account_id=self._args.account_id, source_arns=[rule.arn]),
            permissions=[tell],
            boundary_arn=self._args.boundary_arn,
        )
        return BoundedRole(f"{self._name}-role", args, pulumi.ResourceOptions(parent=self))
