"""Every call of every account, on record in the archive and for a year at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs

DAYS_AT_HAND = 365
"""Days in the log group, where alarms and people look first; the archive keeps the rest (CW-01)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizationTrailArgs:
    """Arguments of :class:`OrganizationTrail`."""

    trail_name: str
    """Name, of which the archive's policy knows the ARN."""

    owner_account_id: pulumi.Input[str]
    """The management account: it owns the trail, wherever it is made from."""

    log_bucket_name: pulumi.Input[str]
    """The archive."""

    key_arn: pulumi.Input[str]
    """Key of the archive and of the log group."""

    log_group_name: str
    """Log group that receives every call as it happens."""

    role_name: str
    """Name of the role that CloudTrail writes to the log group with."""

    boundary_arn: pulumi.Input[str]
    """Permissions boundary of that role."""

    recorded_buckets: Sequence[str]
    """Prefixes of the names of buckets whose every reading and writing is recorded: the lake, artifacts, state."""

    written_buckets: Sequence[str] = ()
    """Prefixes of the names of buckets of which only writings are recorded: ML buckets, which jobs read all day."""

    def __post_init__(self) -> None:
        if not self.recorded_buckets:
            raise ValueError("recorded_buckets: is empty, which would record every object of every bucket")


class OrganizationTrail(pulumi.ComponentResource):
    """One trail for all accounts and regions: validated, encrypted, with the readings of data that matter.

    Creates: the trail, protected; the log group that receives it; the role that writes there.

    Args: see :class:`OrganizationTrailArgs`.

    Outputs: ``arn``, ``log_group_name``.

    Raises: ValueError when no buckets are named, for CloudTrail would take that for all.

    Cost: management events are free; 0.10 USD per 100,000 data events; about 0.50 USD per GB taken into the log group.

    Example::

        trail = OrganizationTrail("trail", OrganizationTrailArgs(
            trail_name="acme-organization", owner_account_id=management_id, log_bucket_name=archive.bucket_name,
            key_arn=key.arn, log_group_name="/plinth/audit/trail", role_name="audit-trail",
            boundary_arn=boundary.arn, recorded_buckets=["acme-lake-"],
        ))
    """

    arn: pulumi.Output[str]
    """As the account that made it names it."""
    log_group_name: pulumi.Output[str]
    """For metric filters and for searching."""

    def __init__(self, name: str, args: OrganizationTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:OrganizationTrail", name, None, opts)
        group = aws.cloudwatch.LogGroup(
            f"{name}-group",
            name=args.log_group_name,
            retention_in_days=DAYS_AT_HAND,
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
    """By the beginning of the bucket's name, so that a bucket made tomorrow is recorded without a change here."""
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
