"""Security Hub: everything that is found, in one place, measured by the same standards everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

STANDARDS = {
    "foundational": "aws-foundational-security-best-practices/v/1.0.0",
    "cis": "cis-aws-foundations-benchmark/v/5.0.0",
    "ai": "ai-security-best-practices/v/1.0.0",
}
"""Ends of the standards' ARNs (Security Hub User Guide, "Standards reference")."""
NEEDLESS_CONTROLS = ("IAM.6", "IAM.9")
"""Root's second factors: root access of members is managed centrally, so there are no credentials to guard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingsHubArgs:
    """Arguments of :class:`FindingsHub`."""

    policy_name: str
    """Name of the organization's configuration policy."""

    region: str
    """Home region, which the standards' ARNs carry."""

    root_id: pulumi.Input[str]
    """Root of the organization (``r-…``), whose accounts all follow the policy."""

    is_delegated: bool
    """Whether the account is Security Hub's delegated administrator, which configures every account centrally. An
    organization of one account subscribes to the standards by itself."""


class FindingsHub(pulumi.ComponentResource):
    """Security Hub with the foundational, CIS and AI standards, in every account and from every region.

    Creates: the hub; the aggregation of all regions; the central configuration with one policy on the root ->
    delegated; else a subscription per standard.

    Args: see :class:`FindingsHubArgs`.

    Outputs: ``hub_arn``.

    Raises: nothing of its own.

    Cost: 0.0010 USD per check for the first 100,000 a month and account, and 0.00003 USD per further finding.

    Example::

        FindingsHub("findings", FindingsHubArgs(
            policy_name="acme-standards", region="eu-west-1", root_id="r-abcd", is_delegated=True,
        ))
    """

    hub_arn: pulumi.Output[str]
    """Of the account's own hub."""

    def __init__(self, name: str, args: FindingsHubArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:FindingsHub", name, None, opts)
        self._name, self._args = name, args
        hub = aws.securityhub.Account(
            name,
            enable_default_standards=False,
            auto_enable_controls=True,
            control_finding_generator="SECURITY_CONTROL",
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        regions = aws.securityhub.FindingAggregator(
            f"{name}-regions", linking_mode="ALL_REGIONS", opts=self._child(after=hub)
        )
        if args.is_delegated:
            self._configure_everybody(after=regions)
        else:
            self._subscribe(after=hub)
        self.hub_arn = hub.arn
        self.register_outputs({"hub_arn": self.hub_arn})

    def _child(self, *, after: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=[after])

    def _configure_everybody(self, after: pulumi.Resource) -> None:
        """Central configuration takes an aggregation region first, and enables nothing but by policy."""
        central = aws.securityhub.OrganizationConfiguration(
            f"{self._name}-organization",
            auto_enable=False,
            auto_enable_standards="NONE",
            organization_configuration=aws.securityhub.OrganizationConfigurationOrganizationConfigurationArgs(
                configuration_type="CENTRAL"
            ),
            opts=self._child(after=after),
        )
        controls = aws.securityhub.ConfigurationPolicyConfigurationPolicySecurityControlsConfigurationArgs(
            disabled_control_identifiers=list(NEEDLESS_CONTROLS)
        )
        policy = aws.securityhub.ConfigurationPolicy(
            f"{self._name}-policy",
            name=self._args.policy_name,
            description="The standards that every account is measured by",
            configuration_policy=aws.securityhub.ConfigurationPolicyConfigurationPolicyArgs(
                service_enabled=True,
                enabled_standard_arns=[self._standard(ends) for ends in STANDARDS.values()],
                security_controls_configuration=controls,
            ),
            opts=self._child(after=central),
        )
        aws.securityhub.ConfigurationPolicyAssociation(
            f"{self._name}-everybody",
            policy_id=policy.id,
            target_id=self._args.root_id,
            opts=self._child(after=policy),
        )

    def _subscribe(self, after: pulumi.Resource) -> None:
        for standard, ends in STANDARDS.items():
            aws.securityhub.StandardsSubscription(
                f"{self._name}-{standard}", standards_arn=self._standard(ends), opts=self._child(after=after)
            )

    def _standard(self, ends: str) -> str:
        return f"arn:aws:securityhub:{self._args.region}::standards/{ends}"
