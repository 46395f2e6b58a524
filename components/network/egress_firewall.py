"""The firewall that inspects internet egress: allowed hosts pass, everything else is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws.networkfirewall import (
    FirewallEncryptionConfigurationArgs,
    FirewallPolicyEncryptionConfigurationArgs,
    FirewallPolicyFirewallPolicyArgs,
    FirewallPolicyFirewallPolicyStatefulEngineOptionsArgs,
    FirewallPolicyFirewallPolicyStatefulRuleGroupReferenceArgs,
    FirewallPolicyFirewallPolicyStatelessRuleGroupReferenceArgs,
    FirewallSubnetMappingArgs,
    LoggingConfigurationLoggingConfigurationArgs,
    LoggingConfigurationLoggingConfigurationLogDestinationConfigArgs,
    RuleGroupEncryptionConfigurationArgs,
    RuleGroupRuleGroupArgs,
    RuleGroupRuleGroupRulesSourceArgs,
    RuleGroupRuleGroupRulesSourceRulesSourceListArgs,
    RuleGroupRuleGroupStatefulRuleOptionsArgs,
)

from components.network.egress_packets import web_traffic_only

STRICT = "STRICT_ORDER"
CAPACITY_PER_DOMAIN, SPARE_DOMAINS = 4, 100
"""Each domain produces two rules for each of TLS and HTTP. The capacity of a rule group is fixed, so it includes spare
domains."""
STATELESS_CAPACITY = 10
CUSTOMER_KEY = "CUSTOMER_KMS"


@dataclass(frozen=True, kw_only=True, slots=True)
class EgressFirewallArgs:
    """Arguments of :class:`EgressFirewall`."""

    label: str
    """Name of the firewall and prefix of the names of its parts."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC."""

    subnet_id: pulumi.Input[str]
    """Id of the subnet for the firewall endpoint. It must contain nothing else."""

    allowed_domains: Sequence[str]
    """Allowed hosts. A leading dot allows all hosts under a domain."""

    log_bucket_name: pulumi.Input[str]
    """Name of the log archive bucket."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the allowed hosts and the other settings. Network Firewall must be among the
    key's services."""


class EgressFirewall(pulumi.ComponentResource):
    """A network firewall that identifies connections by host name (TLS SNI, HTTP Host) and drops unknown hosts.

    Stateless rules drop packets that are not web traffic. Connection handshakes pass, because the client names the host
    only after them; further packets pass if the host is allowed.

    AWS refuses to delete the firewall, to move it to other subnets and to associate another policy with it while the
    protections are on. Changes of the rules are not protected, because an update changes the allowed hosts in place.

    Creates: a stateful rule group for the domains; a stateless one for the packets; the firewall policy in strict
    order; the firewall; its alert and flow logs in the log archive.

    Outputs: ``endpoint_id``.

    Cost: about 0.395 USD per hour and 0.065 USD per GB: 288 USD a month before traffic.

    Example::

        firewall = EgressFirewall("firewall", EgressFirewallArgs(
            label="fraud-experimentation", vpc_id=network.vpc_id, subnet_id=subnet.id,
            allowed_domains=["pypi.org", ".anaconda.org"], log_bucket_name="acme-log-archive", key_arn=key.arn,
        ))
    """

    endpoint_id: pulumi.Output[str]
    """Id of the firewall endpoint, the target of routes through the firewall."""

    def __init__(self, name: str, args: EgressFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:EgressFirewall", name, None, opts)
        self._name, self._args = name, args

        policy = self._policy(self._domains(), self._packets())
        firewall = aws.networkfirewall.Firewall(
            name,
            name=args.label,
            description="The way out of experiments",
            vpc_id=args.vpc_id,
            subnet_mappings=[FirewallSubnetMappingArgs(subnet_id=args.subnet_id)],
            firewall_policy_arn=policy.arn,
            delete_protection=True,
            subnet_change_protection=True,
            firewall_policy_change_protection=True,
            encryption_configuration=FirewallEncryptionConfigurationArgs(type=CUSTOMER_KEY, key_id=args.key_arn),
            opts=self._child(),
        )
        logging = self._logs(firewall)
        endpoint = firewall.firewall_statuses.apply(_endpoint_of)
        # The endpoint is published only after logging is configured, so no traffic is routed through it unlogged.
        self.endpoint_id = pulumi.Output.all(endpoint, logging.id).apply(lambda known: str(known[0]))
        self.register_outputs({"endpoint_id": self.endpoint_id})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _domains(self) -> aws.networkfirewall.RuleGroup:
        domains = list(self._args.allowed_domains)
        listed = RuleGroupRuleGroupRulesSourceRulesSourceListArgs(
            generated_rules_type="ALLOWLIST", target_types=["TLS_SNI", "HTTP_HOST"], targets=domains
        )
        return aws.networkfirewall.RuleGroup(
            f"{self._name}-domains",
            name=f"{self._args.label}-domains",
            description="Hosts that experiments may reach",
            type="STATEFUL",
            capacity=CAPACITY_PER_DOMAIN * SPARE_DOMAINS,
            rule_group=RuleGroupRuleGroupArgs(
                rules_source=RuleGroupRuleGroupRulesSourceArgs(rules_source_list=listed),
                stateful_rule_options=RuleGroupRuleGroupStatefulRuleOptionsArgs(rule_order=STRICT),
            ),
            encryption_configuration=self._group_encryption(),
            opts=self._child(),
        )

    def _packets(self) -> aws.networkfirewall.RuleGroup:
        return aws.networkfirewall.RuleGroup(
            f"{self._name}-packets",
            name=f"{self._args.label}-packets",
            description="HTTP and HTTPS over TCP, and nothing else",
            type="STATELESS",
            capacity=STATELESS_CAPACITY,
            rule_group=RuleGroupRuleGroupArgs(rules_source=web_traffic_only()),
            encryption_configuration=self._group_encryption(),
            opts=self._child(),
        )

    def _group_encryption(self) -> RuleGroupEncryptionConfigurationArgs:
        return RuleGroupEncryptionConfigurationArgs(type=CUSTOMER_KEY, key_id=self._args.key_arn)

    def _policy(
        self, domains: aws.networkfirewall.RuleGroup, packets: aws.networkfirewall.RuleGroup
    ) -> aws.networkfirewall.FirewallPolicy:
        return aws.networkfirewall.FirewallPolicy(
            f"{self._name}-policy",
            name=self._args.label,
            firewall_policy=FirewallPolicyFirewallPolicyArgs(
                stateless_default_actions=["aws:drop"],
                stateless_fragment_default_actions=["aws:drop"],
                stateless_rule_group_references=[
                    FirewallPolicyFirewallPolicyStatelessRuleGroupReferenceArgs(priority=1, resource_arn=packets.arn)
                ],
                stateful_engine_options=FirewallPolicyFirewallPolicyStatefulEngineOptionsArgs(
                    rule_order=STRICT, stream_exception_policy="DROP"
                ),
                stateful_rule_group_references=[
                    FirewallPolicyFirewallPolicyStatefulRuleGroupReferenceArgs(priority=1, resource_arn=domains.arn)
                ],
                stateful_default_actions=["aws:drop_established", "aws:alert_established"],
            ),
            encryption_configuration=FirewallPolicyEncryptionConfigurationArgs(
                type=CUSTOMER_KEY, key_id=self._args.key_arn
            ),
            opts=self._child(),
        )

    def _logs(self, firewall: aws.networkfirewall.Firewall) -> aws.networkfirewall.LoggingConfiguration:
        destinations = [
            LoggingConfigurationLoggingConfigurationLogDestinationConfigArgs(
                log_type=log_type,
                log_destination_type="S3",
                log_destination={"bucketName": self._args.log_bucket_name},
            )
            for log_type in ("ALERT", "FLOW")
        ]
        return aws.networkfirewall.LoggingConfiguration(
            f"{self._name}-logs",
            firewall_arn=firewall.arn,
            logging_configuration=LoggingConfigurationLoggingConfigurationArgs(log_destination_configs=destinations),
            opts=self._child(),
        )


def _endpoint_of(statuses: Sequence[aws.networkfirewall.outputs.FirewallFirewallStatus]) -> str:
    """Returns the id of the endpoint in the firewall's only subnet."""
    (zone,) = statuses[0].sync_states or []
    (attachment,) = zone.attachments or []
    return str(attachment.endpoint_id)
