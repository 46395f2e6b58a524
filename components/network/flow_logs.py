"""Flow logs of a VPC, delivered to the log archive, where the VPC's account cannot change them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.former_components import without_component


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowLogsArgs:
    """Arguments of :class:`FlowLogs`."""

    label: str
    """Value of the flow log's ``Name`` tag."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC."""

    archive_arn: pulumi.Input[str]
    """ARN of the log archive bucket. Records are stored under ``AWSLogs/<account>/vpcflowlogs/`` for the archive's
    retention."""


class FlowLogs:
    """Flow logs of all accepted and rejected traffic of a VPC, in the log archive (FSBP EC2.6, CIS 5.0 3.7).

    Not a component resource, because a stack has few resources to spare.

    Creates: the flow log.

    Outputs: ``flow_log_id``.

    Cost: about 0.25 USD per GB delivered, plus storage in the archive.

    Example::

        FlowLogs("flow-logs", FlowLogsArgs(
            label="fraud-development", vpc_id=network.vpc_id, archive_arn="arn:aws:s3:::acme-log-archive",
        ))
    """

    flow_log_id: pulumi.Output[str]
    """Id of the flow log."""

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        flow_log = aws.ec2.FlowLog(
            name,
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination_type="s3",
            log_destination=args.archive_arn,
            max_aggregation_interval=60,
            tags={"Name": args.label},
            opts=without_component(name, "plinth:network:FlowLogs", opts),
        )
        self.flow_log_id = flow_log.id
