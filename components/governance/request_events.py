"""Events that start the runner of requests: changes of the team catalog, and a schedule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.identity.iam.principals import service_trust
from components.identity.iam.role_names import RUNNER_EVENTS, RUNNER_START
from components.identity.iam.statements import Statement, through
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.fixed_builds import start_as_it_is
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs, kept_if_undelivered
from settings.data.catalog_layout import DECISION, LOOKUP, OPEN, PARTITION, PERSON, SORT, TABLE, key_of
from settings.types.aws.request_builds import DRIFT, PROJECT, TASK_VARIABLE

SOURCE, DETAIL_TYPE = "plinth.catalog", "Team Catalog Change"
"""Source and type of the events."""
_BUS = "event-bus/default"
RETRY_HOURS = 1
"""Hours for which EventBridge tries to start a build. The schedule starts one after that in any case."""

WRITTEN_BY_PEOPLE = {
    "eventName": ["INSERT", "MODIFY"],
    "dynamodb": {
        "Keys": {PARTITION: {"S": [{"prefix": key_of(PERSON, "")}]}},
        "NewImage": {LOOKUP: {"S": [OPEN, {"prefix": key_of(DECISION, "")}]}},
    },
}
"""Pattern of open requests and of decisions. The runner removes the look-up value of a request that has ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestEventsArgs:
    """Arguments of :class:`RequestEvents`."""

    project_arn: pulumi.Input[str]
    """ARN of the CodeBuild project to start."""

    stream_arn: pulumi.Input[str]
    """ARN of the stream of the team catalog."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of the team catalog and of the dead-letter queue."""

    account_id: pulumi.Input[str]
    """Id of the account of the table, the rules and the project."""

    region: str
    """Region of the table, the rules and the project."""

    interval_minutes: int
    """Minutes between two builds that the schedule starts, at least 2."""

    organization_id: pulumi.Input[str]
    """Id of the organization whose principals may read the dead-letter queue."""

    drift_hour: int | None
    """Hour of the day in UTC at which a build looks for drift. None: none does."""

    def __post_init__(self) -> None:
        if self.interval_minutes < 2:
            raise ValueError(f"interval_minutes: {self.interval_minutes} is too short (2 or more)")


class RequestEvents(pulumi.ComponentResource):
    """A pipe and rules that start a build for each request and decision of a person, and by a schedule.

    DynamoDB sends no events to EventBridge. The pipe reads the stream of the table and publishes the key of each item
    that a person has written, and nothing of its text. It drops what the runner writes, so that a build does not start
    the next one. An event that is lost, or that comes while a build runs, is made up for by the schedule. It is also in
    the dead-letter queue.

    Creates: the pipe; a rule for its events and one for the schedule, with ``drift_hour`` one more, each with its
    target; the dead-letter queue; the roles of the pipe and of the rules, each with its permissions boundary.

    Outputs: none.

    Raises: ValueError when the interval is too short.

    Cost: 0.40 USD for a million items, and the builds.

    Example::

        RequestEvents("request-events", RequestEventsArgs(
            project_arn=runner.arn, stream_arn=catalog.stream_arn, key_arn=key.arn, account_id=account_id,
            organization_id="o-acme", region="eu-west-1", interval_minutes=30, drift_hour=3,
        ))
    """

    def __init__(self, name: str, args: RequestEventsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:governance:RequestEvents", name, None, opts)
        self._name, self._args = name, args
        self._own = pulumi.ResourceOptions(parent=self)
        # What runs in the builds may create accounts, so whoever changes a target of a rule changes no command.
        start = [start_as_it_is("StartTheRunner", [args.project_arn], [TASK_VARIABLE])]
        # Nothing else may assume a role that starts builds.
        self._starter_arn = self._role("start", RUNNER_START, _trust(args, "events", f"rule/{PROJECT}-*"), start)
        queue = DeadLetterQueueArgs(
            queue_name=f"{PROJECT}-dead-letters",
            account_id=args.account_id,
            organization_id=args.organization_id,
            region=args.region,
            rules=f"{PROJECT}-*",
            key_arn=args.key_arn,
        )
        self._queue_arn = DeadLetterQueue(f"{name}-dead-letters", queue, self._own).arn
        self._pipe(self._role("pipe", RUNNER_EVENTS, _trust(args, "pipes", f"pipe/{PROJECT}"), _reading(args)))
        pattern = json.dumps({"source": [SOURCE], "detail-type": [DETAIL_TYPE]})
        self._rule("changes", "Somebody requested something, or decided", pattern=pattern)
        every = f"rate({args.interval_minutes} minutes)"
        self._rule("schedule", "Looks for requests whose time has come", schedule=every)
        if args.drift_hour is not None:
            daily = f"cron(0 {args.drift_hour} * * ? *)"
            self._rule("drift", "Looks for drift of all stacks", schedule=daily, variables={TASK_VARIABLE: DRIFT})
        self.register_outputs({"role_arn": self._starter_arn})

    def _role(self, suffix: str, role_name: str, trust: Statement, permissions: list[Statement]) -> pulumi.Output[str]:
        boundary = RoleCeiling(
            f"{self._name}-{suffix}-boundary",
            RoleCeilingArgs(
                policy_name=f"{role_name}-boundary",
                description="Ceiling of what starts the runner of requests",
                statements=permissions,
            ),
            self._own,
        )
        role = BoundedRoleArgs(
            role_name=role_name,
            description="EventBridge starts the runner of requests",
            trust=trust,
            permissions=permissions,
            boundary_arn=boundary.arn,
        )
        return BoundedRole(f"{self._name}-{suffix}-role", role, self._own).arn

    def _pipe(self, role_arn: pulumi.Input[str]) -> None:
        aws.pipes.Pipe(
            f"{self._name}-pipe",
            name=PROJECT,
            description="Requests and decisions of people in the team catalog",
            role_arn=role_arn,
            source=self._args.stream_arn,
            source_parameters=aws.pipes.PipeSourceParametersArgs(
                dynamodb_stream_parameters=aws.pipes.PipeSourceParametersDynamodbStreamParametersArgs(
                    starting_position="LATEST", batch_size=1, maximum_retry_attempts=10
                ),
                filter_criteria=aws.pipes.PipeSourceParametersFilterCriteriaArgs(
                    filters=[
                        aws.pipes.PipeSourceParametersFilterCriteriaFilterArgs(pattern=json.dumps(WRITTEN_BY_PEOPLE))
                    ]
                ),
            ),
            target=_arn("events", self._args, _BUS),
            target_parameters=aws.pipes.PipeTargetParametersArgs(
                input_template=json.dumps({"item": f"<$.dynamodb.Keys.{SORT}.S>"}),
                eventbridge_event_bus_parameters=aws.pipes.PipeTargetParametersEventbridgeEventBusParametersArgs(
                    source=SOURCE, detail_type=DETAIL_TYPE
                ),
            ),
            opts=self._own,
        )

    def _rule(
        self,
        suffix: str,
        description: str,
        *,
        pattern: str | None = None,
        schedule: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Creates a rule that starts a build, with other values of environment variables than the project's."""
        overridden = [{"name": key, "type": "PLAINTEXT", "value": value} for key, value in (variables or {}).items()]
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-{suffix}",
            name=f"{PROJECT}-{suffix}",
            description=description,
            event_pattern=pattern,
            schedule_expression=schedule,
            opts=self._own,
        )
        aws.cloudwatch.EventTarget(
            f"{self._name}-{suffix}-target",
            rule=rule.name,
            target_id="build",
            arn=self._args.project_arn,
            role_arn=self._starter_arn,
            # Without an input, the members of the event would be those of StartBuild.
            input=json.dumps({"environmentVariablesOverride": overridden}),
            **kept_if_undelivered(self._queue_arn, hours=RETRY_HOURS),
            opts=self._own,
        )


def _arn(service: str, args: RequestEventsArgs, resource: str) -> pulumi.Output[str]:
    return arn_of(service, args.region, args.account_id, resource)


def _trust(args: RequestEventsArgs, service: str, source: str) -> Statement:
    return service_trust(service, account_id=args.account_id, source_arns=[_arn(service, args, source)])


def _reading(args: RequestEventsArgs) -> list[Statement]:
    """Builds what the pipe needs to publish what it reads."""
    streams = _arn("dynamodb", args, f"table/{TABLE}/stream/*")
    return [
        Statement(
            sid="ReadTheStream",
            actions=["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            resources=[streams],
        ),
        # The action knows no resources (Service Authorization Reference).
        Statement(sid="FindTheStream", actions=["dynamodb:ListStreams"], resources=["*"]),
        Statement(
            sid="DecryptTheStream",
            actions=["kms:Decrypt"],
            resources=[args.key_arn],
            conditions=through("dynamodb", args.region),
        ),
        Statement(sid="PublishChanges", actions=["events:PutEvents"], resources=[_arn("events", args, _BUS)]),
    ]
