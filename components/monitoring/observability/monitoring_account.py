"""The monitoring account of CloudWatch cross-account observability."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document
from components.monitoring.observability.shared_metrics import METRICS

SINK_NAME = "plinth"
"""Name of the sink. An account has one in a Region."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringAccountArgs:
    """Arguments of :class:`MonitoringAccount`."""

    organization_id: pulumi.Input[str]
    """Id of the organization whose accounts may share their metrics."""


class MonitoringAccount(pulumi.ComponentResource):
    """A sink to which accounts of the organization link, so that this account sees their metrics (MON-08).

    The policy of the sink admits metrics only. Logs and traces may contain data of a team, and stay in its account.
    Which accounts link is decided by a guardrail: only the foundation creates links (SCP-14).

    Creates: the sink, and its policy.

    Outputs: ``sink_arn``, which is known once the sink has its policy.

    Cost: none; AWS charges nothing for shared metrics (CloudWatch pricing, "Cross-account observability").

    Example::

        MonitoringAccount("observability", MonitoringAccountArgs(organization_id="o-a1b2c3d4e5"))
    """

    sink_arn: pulumi.Output[str]
    """ARN of the sink."""

    def __init__(self, name: str, args: MonitoringAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:monitoring:MonitoringAccount", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        sink = aws.oam.Sink(f"{name}-sink", name=SINK_NAME, opts=child)
        policy = aws.oam.SinkPolicy(
            f"{name}-sink-policy",
            sink_identifier=sink.arn,
            policy=policy_document(_links(args.organization_id)),
            opts=child,
        )
        self.sink_arn = policy.sink_identifier
        self.register_outputs({"sink_arn": self.sink_arn})


def _links(organization_id: pulumi.Input[str]) -> Statement:
    """Builds the statement that admits links of the organization's accounts. ``Resource`` of a sink policy is ``*``
    (OAM API Reference, PutSinkPolicy)."""
    return Statement(
        sid="MetricsOfTheOrganization",
        actions=["oam:CreateLink", "oam:UpdateLink"],
        resources=["*"],
        principals="*",
        conditions={
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
            "ForAllValues:StringEquals": {"oam:ResourceTypes": [METRICS]},
        },
    )
