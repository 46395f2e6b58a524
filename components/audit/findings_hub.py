"""Security Hub, which collects the findings of all accounts and checks them against the same standards."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

STANDARDS = {
    "foundational": "aws-foundational-security-best-practices/v/1.0.0",
    "cis": "cis-aws-foundations-benchmark/v/5.0.0",
    "ai": "ai-security-best-practices/v/1.0.0",
}
"""Suffixes of the standards' ARNs (Security Hub User Guide, "Standards reference")."""
DISABLED_CONTROLS = ("IAM.6", "IAM.9")
"""Controls for MFA of root users. They do not apply, because centralized root access leaves members without root
credentials."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingsHubArgs:
    """Arguments of :class:`FindingsHub`."""

    policy_name: str
    """Name of the organization's configuration policy."""

    region: str
    """Home region, which is part of the standards' ARNs."""

    root_id: pulumi.Input[str]
    """Id of the organization's root (``r-…``), whose accounts all use the policy."""

    is_delegated: bool
    """Whether the account is Security Hub's delegated administrator, which configures all accounts centrally. In an
    organization of one account, the account subscribes to the standards itself."""


class FindingsHub(pulumi.ComponentResource):
    """Security Hub with the foundational, CIS and AI standards, in all accounts and regions.

    Creates: the hub; the finding aggregator for all regions; if delegated, the central configuration with one policy on
    the root; otherwise, one subscription per standard.

    Outputs: ``hub_arn``.

    Cost: 0.0010 USD per check for the first 100,000 a month and account, and 0.00003 USD per further finding.

    Example::

        FindingsHub("findings", FindingsHubArgs(
            policy_name="acme-standards", region="eu-west-1", root_id="r-abcd", is_delegated=True,
        ))
    """

    hub_arn: pulumi.Output[str]
    """ARN of the account's own hub."""

    def __init__(self, name: str, args: FindingsHubArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:FindingsHub", name, None, opts)
        self._name, self._args = name, args
        hub = aws.securityhub.Account(
            name,
            enable_default_standards=False,
            auto_enable_controls=True,
            control_finding_generator="SECURITY_CONTROL",
            # AWS reads the default standards only when it enables the hub, so an adopted hub keeps what it has.
            opts=pulumi.ResourceOptions(parent=self, protect=True, ignore_changes=["enableDefaultStandards"]),
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
        """Enables standards by policy only. Central configuration requires the finding aggregator."""
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
            disabled_control_identifiers=list(DISABLED_CONTROLS)
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
