"""Athena access to the organization's trail, with saved queries for common audit questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.audit.trail.trail_queries import SAVED_QUERIES
from components.audit.trail.trail_table import trail_table
from components.queries.enforced_workgroup import enforced_workgroup
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from settings.organization.audit import TRAIL_LIBRARY

RESULT_DAYS = 90
"""Days that query results are kept. Queries can be repeated for as long as the archive keeps the logs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailLibraryArgs:
    """Arguments of :class:`TrailLibrary`."""

    account_id: pulumi.Input[str]
    """Id of the account that owns the results bucket, which Athena checks before it writes."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization, which names its folder in the archive (``o-…``)."""

    log_bucket_name: pulumi.Input[str]
    """Name of the log archive bucket."""

    results_bucket_name: pulumi.Input[str]
    """Name of the bucket for query results, in the account-regional namespace."""

    access_log_bucket_name: pulumi.Input[str]
    """Name of the account's bucket for access logs, which receives those of the results bucket."""

    key_arn: pulumi.Input[str]
    """ARN of the archive's KMS key, which also encrypts query results."""

    regions: Sequence[str]
    """Regions for which the trail records events."""

    retention_days: int
    """Days that the archive keeps a log."""


class TrailLibrary(pulumi.ComponentResource):
    """The trail as an Athena table, a workgroup with encrypted results, and saved queries.

    Creates: the results bucket; the workgroup; the database with the trail's table; one saved query per question.

    Outputs: ``workgroup_name``.

    Cost: 5 USD per TB scanned by queries.

    Example::

        TrailLibrary("library", TrailLibraryArgs(
            account_id="111111111111", organization_id="o-acme", log_bucket_name=archive.bucket_name,
            results_bucket_name="acme-audit-answers-111111111111-eu-west-1-an", access_log_bucket_name=logs.bucket_name,
            key_arn=key.arn, regions=["eu-west-1"], retention_days=2557,
        ))
    """

    workgroup_name: pulumi.Output[str]
    """Name of the workgroup for auditors' queries."""

    def __init__(self, name: str, args: TrailLibraryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:TrailLibrary", name, None, opts)
        self._name, self._args = name, args
        workgroup = self._workgroup(self._answers())
        database = aws.glue.CatalogDatabase(
            f"{name}-database",
            name=TRAIL_LIBRARY,
            description="What is asked of the organization's trail",
            opts=pulumi.ResourceOptions(parent=self),
        )
        trail_table(
            name,
            database_name=database.name,
            location=pulumi.Output.concat("s3://", args.log_bucket_name, "/AWSLogs/", args.organization_id, "/"),
            regions=args.regions,
            days=args.retention_days,
            parent=self,
        )
        for question in SAVED_QUERIES:
            aws.athena.NamedQuery(
                f"{name}-{question.name}",
                name=question.name,
                description=question.description,
                database=database.name,
                workgroup=workgroup.name,
                query=question.sql,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.workgroup_name = workgroup.name
        self.register_outputs({"workgroup_name": self.workgroup_name})

    def _answers(self) -> PrivateBucket:
        args = PrivateBucketArgs(
            bucket_name=self._args.results_bucket_name,
            key_arn=self._args.key_arn,
            organization_id=self._args.organization_id,
            log_bucket_name=self._args.access_log_bucket_name,
            retention_days=RESULT_DAYS,
        )
        return PrivateBucket(f"{self._name}-answers", args, pulumi.ResourceOptions(parent=self))

    def _workgroup(self, answers: PrivateBucket) -> aws.athena.Workgroup:
        return enforced_workgroup(
            f"{self._name}-workgroup",
            workgroup_name=TRAIL_LIBRARY,
            description="Questions to the organization's trail",
            answers=pulumi.Output.concat("s3://", answers.bucket_name, "/"),
            account_id=self._args.account_id,
            key_arn=self._args.key_arn,
            parent=self,
        )
