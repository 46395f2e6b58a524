"""A source account of CloudWatch cross-account observability."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.monitoring.observability.shared_metrics import METRICS, OF_MODELS

ACCOUNT_NAME = "$AccountName"
"""Label of the account's metrics in the monitoring account. CloudWatch puts the name of the account in its place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceAccountArgs:
    """Arguments of :class:`SourceAccount`."""

    sink_arn: pulumi.Input[str]
    """ARN of the monitoring account's sink, in the same Region."""


class SourceAccount(pulumi.ComponentResource):
    """A link with which an account shares the metrics of its models with the monitoring account (MON-08).

    The link shares metrics of endpoints and of monitoring, and nothing else. An account has one link to a sink, and up
    to five links (OAM API Reference, CreateLink).

    Creates: the link.

    Outputs: ``link_arn``.

    Cost: none; AWS charges nothing for shared metrics (CloudWatch pricing, "Cross-account observability").

    Example::

        SourceAccount("observability", SourceAccountArgs(sink_arn=governance.sink_arn))
    """

    link_arn: pulumi.Output[str]
    """ARN of the link."""

    def __init__(self, name: str, args: SourceAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:monitoring:SourceAccount", name, None, opts)
        link = aws.oam.Link(
            f"{name}-link",
            label_template=ACCOUNT_NAME,
            resource_types=[METRICS],
            sink_identifier=args.sink_arn,
            link_configuration=aws.oam.LinkLinkConfigurationArgs(
                metric_configuration=aws.oam.LinkLinkConfigurationMetricConfigurationArgs(filter=OF_MODELS)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.link_arn = link.arn
        self.register_outputs({"link_arn": self.link_arn})
