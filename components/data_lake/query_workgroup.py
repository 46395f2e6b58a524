"""In which an environment's people and jobs ask the lake."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.queries.enforced_workgroup import enforced_workgroup
from settings.data.ml_layout import QueryResults


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryWorkgroupArgs:
    """Arguments of :class:`QueryWorkgroup`."""

    workgroup_name: str
    """Name in the account."""

    account_id: pulumi.Input[str]
    """Account of the bucket of answers, which Athena checks before it writes."""

    bucket_name: pulumi.Input[str]
    """Bucket of the environment, which keeps the answers."""

    key_arn: pulumi.Input[str]
    """Key of the environment, which encrypts them."""


class QueryWorkgroup(pulumi.ComponentResource):
    """A workgroup of Athena whose settings hold for every query, whatever the asker sets.

    Creates: the workgroup.

    Args: see :class:`QueryWorkgroupArgs`.

    Outputs: ``workgroup_name``.

    Raises: nothing of its own.

    Cost: 5 USD per TB that queries scan.

    Example::

        QueryWorkgroup("workgroup", QueryWorkgroupArgs(
            workgroup_name="fraud-development", account_id="111111111111", bucket_name=bucket_name, key_arn=key_arn,
        ))
    """

    workgroup_name: pulumi.Output[str]
    """Which queries name."""

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
