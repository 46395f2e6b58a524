"""The Athena workgroup in which people and jobs of an environment query the lake."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.queries.enforced_workgroup import enforced_workgroup
from settings.data.ml_layout import QueryResults


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryWorkgroupArgs:
    """Arguments of :class:`QueryWorkgroup`."""

    workgroup_name: str
    """Name of the workgroup in the account."""

    account_id: pulumi.Input[str]
    """Id of the account of the results bucket, which Athena checks before it writes."""

    bucket_name: pulumi.Input[str]
    """Name of the environment's bucket, which stores query results."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key, which encrypts query results."""


class QueryWorkgroup(pulumi.ComponentResource):
    """An Athena workgroup whose settings apply to every query and cannot be overridden by clients.

    Creates: the workgroup.

    Outputs: ``workgroup_name``.

    Cost: 5 USD per TB scanned by queries.

    Example::

        QueryWorkgroup("workgroup", QueryWorkgroupArgs(
            workgroup_name="fraud-development", account_id="111111111111", bucket_name=bucket_name, key_arn=key_arn,
        ))
    """

    workgroup_name: pulumi.Output[str]
    """Name of the workgroup."""

    def __init__(self, name: str, args: QueryWorkgroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:QueryWorkgroup", name, None, opts)
        answers = QueryResults(workgroup=args.workgroup_name)
        workgroup = enforced_workgroup(
            name,
            workgroup_name=args.workgroup_name,
            description=f"Questions of {args.workgroup_name} to the data lake",
            answers=pulumi.Output.concat("s3://", args.bucket_name, f"/{answers.prefix}"),
            account_id=args.account_id,
            key_arn=args.key_arn,
            parent=self,
        )
        self.workgroup_name = workgroup.name
        self.register_outputs({"workgroup_name": self.workgroup_name})
