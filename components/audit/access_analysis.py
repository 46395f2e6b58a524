"""IAM Access Analyzer for the whole organization."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ranges import require_within


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessAnalysisArgs:
    """Arguments of :class:`AccessAnalysis`."""

    analyzer_name: str
    """Prefix of the names of the analyzers."""

    unused_days: int = 90
    """Days after which an unused role, key or permission is reported, 1 to 365 (an Access Analyzer limit)."""

    def __post_init__(self) -> None:
        require_within("unused_days", self.unused_days, (1, 365))


class AccessAnalysis(pulumi.ComponentResource):
    """Analyzers for external access to and unused access in all accounts of the organization.

    Creates: the analyzer of external access; the analyzer of unused access.

    Outputs: ``outside_access_arn``.

    Raises: ValueError when the days are outside Access Analyzer's limits.

    Cost: external access is free; unused access costs 0.20 USD per role and user a month.

    Example::

        AccessAnalysis("access", AccessAnalysisArgs(analyzer_name="acme"))
    """

    outside_access_arn: pulumi.Output[str]
    """ARN of the external access analyzer."""

    def __init__(self, name: str, args: AccessAnalysisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:AccessAnalysis", name, None, opts)
        outside = aws.accessanalyzer.Analyzer(
            f"{name}-outside",
            analyzer_name=f"{args.analyzer_name}-outside-access",
            type="ORGANIZATION",
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.accessanalyzer.Analyzer(
            f"{name}-unused",
            analyzer_name=f"{args.analyzer_name}-unused-access",
            type="ORGANIZATION_UNUSED_ACCESS",
            configuration=aws.accessanalyzer.AnalyzerConfigurationArgs(
                unused_access=aws.accessanalyzer.AnalyzerConfigurationUnusedAccessArgs(
                    unused_access_age=args.unused_days
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.outside_access_arn = outside.arn
        self.register_outputs({"outside_access_arn": self.outside_access_arn})
