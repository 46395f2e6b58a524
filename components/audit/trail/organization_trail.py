"""The organization's CloudTrail trail, delivered to the log archive and to a log group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs

LOG_GROUP_DAYS = 365
"""Days in the log group, which alarms and people search first. The archive keeps logs for longer (CW-01)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizationTrailArgs:
    """Arguments of :class:`OrganizationTrail`."""

    trail_name: str
    """Name of the trail. The archive's policy contains its ARN."""

    owner_account_id: pulumi.Input[str]
    """Id of the management account, which owns the trail even if another account creates it."""

    log_bucket_name: pulumi.Input[str]
    """Name of the log archive bucket."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of the archive and the log group."""

    log_group_name: str
    """Name of the log group that receives events in near real time."""

    role_name: str
    """Name of the role with which CloudTrail writes to the log group."""

    boundary_arn: pulumi.Input[str]
    """ARN of the role's permissions boundary."""

    recorded_buckets: Sequence[str]
    """Prefixes of the names of buckets whose reads and writes are both recorded: data lake, artifacts, state."""

    written_buckets: Sequence[str] = ()
    """Prefixes of the names of buckets of which only writes are recorded: ML buckets, which jobs read constantly."""

    def __post_init__(self) -> None:
        if not self.recorded_buckets:
            raise ValueError("recorded_buckets: is empty, which would record every object of every bucket")


class OrganizationTrail(pulumi.ComponentResource):
    """A trail for all accounts and regions: validated, encrypted, with data events for selected buckets.

    Creates: the trail, protected; the log group; the role that writes to it.

    Outputs: ``arn``, ``log_group_name``.

    Raises: ValueError when ``recorded_buckets`` is empty, because CloudTrail would then record all buckets.

    Cost: management events are free; 0.10 USD per 100,000 data events; about 0.50 USD per GB ingested into the log
    group.

    Example::

        trail = OrganizationTrail("trail", OrganizationTrailArgs(
            trail_name="acme-organization", owner_account_id=management_id, log_bucket_name=archive.bucket_name,
            key_arn=key.arn, log_group_name="/plinth/audit/trail", role_name="audit-trail",
            boundary_arn=boundary.arn, recorded_buckets=["acme-lake-"],
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the trail as seen from the account that created it."""
    log_group_name: pulumi.Output[str]
    """Name of the log group, for metric filters and queries."""

    def __init__(self, name: str, args: OrganizationTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:OrganizationTrail", name, None, opts)
        group = aws.cloudwatch.LogGroup(
            f"{name}-group",
            name=args.log_group_name,
            retention_in_days=LOG_GROUP_DAYS,
            kms_key_id=args.key_arn,
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        trail_arn = pulumi.Output.concat("arn:aws:cloudtrail:*:", args.owner_account_id, ":trail/", args.trail_name)
        role = BoundedRole(
            f"{name}-role",
            BoundedRoleArgs(
                role_name=args.role_name,
                description="CloudTrail writes the organization's trail to its log group",
                trust=service_trust("cloudtrail", account_id=args.owner_account_id, source_arns=[trail_arn]),
                permissions=[_write_streams(group.arn)],
                boundary_arn=args.boundary_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        trail = aws.cloudtrail.Trail(
            name,
            name=args.trail_name,
            s3_bucket_name=args.log_bucket_name,
            kms_key_id=args.key_arn,
            cloud_watch_logs_group_arn=pulumi.Output.concat(group.arn, ":*"),
            cloud_watch_logs_role_arn=role.arn,
            is_organization_trail=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            enable_logging=True,
            advanced_event_selectors=_selectors(args),
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.arn, self.log_group_name = trail.arn, group.name
        self.register_outputs({"arn": self.arn, "log_group_name": self.log_group_name})


def _write_streams(group_arn: pulumi.Output[str]) -> Statement:
    return Statement(
        sid="WriteStreams",
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=[pulumi.Output.concat(group_arn, ":log-stream:*")],
    )


def _every_call() -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(
        name="Every call that is not about data", field_selectors=[_field("eventCategory", equals=["Management"])]
    )


def _selectors(args: OrganizationTrailArgs) -> list[aws.cloudtrail.TrailAdvancedEventSelectorArgs]:
    selectors = [_every_call(), _objects_of("Objects of the lake, of artifacts and of state", args.recorded_buckets)]
    if args.written_buckets:
        writings = _field("readOnly", equals=["false"])
        selectors.append(_objects_of("Who wrote and deleted what of ML work", args.written_buckets, writings))
    return selectors


def _objects_of(
    name: str, buckets: Sequence[str], *further: aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
) -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    """Selects data events by bucket name prefix, so that buckets created later are recorded too."""
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(
        name=name,
        field_selectors=[
            _field("eventCategory", equals=["Data"]),
            _field("resources.type", equals=["AWS::S3::Object"]),
            _field("resources.ARN", starts_with=[f"arn:aws:s3:::{prefix}" for prefix in buckets]),
            *further,
        ],
    )


def _field(
    field: str, *, equals: Sequence[str] = (), starts_with: Sequence[str] = ()
) -> aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs:
    return aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
        field=field, equals=list(equals) or None, starts_withs=list(starts_with) or None
    )
