"""Rules about Network Firewall: protected from changes, and encrypted with a customer managed key."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

FIREWALL = ("aws:networkfirewall/firewall:Firewall",)
ENCRYPTED = (
    *FIREWALL,
    "aws:networkfirewall/firewallPolicy:FirewallPolicy",
    "aws:networkfirewall/ruleGroup:RuleGroup",
    "aws:networkfirewall/tlsInspectionConfiguration:TlsInspectionConfiguration",
)
PROTECTIONS = ("deleteProtection", "subnetChangeProtection", "firewallPolicyChangeProtection")


def is_protected(resource: Resource) -> Violation | None:
    missing = [name for name in PROTECTIONS if resource.properties.flag(name) not in (True, UNKNOWN)]
    if missing:
        return violation("is not protected from changes", fix=f"set {' and '.join(missing)} to true")
    return is_encrypted(resource)


def is_encrypted(resource: Resource) -> Violation | None:
    of_customer = resource.properties.value("encryptionConfiguration", "type") in ("CUSTOMER_KMS", UNKNOWN)
    if of_customer and not is_missing(resource.properties.value("encryptionConfiguration", "keyId")):
        return None
    return violation(
        "is not encrypted with a customer managed key",
        fix="set encryptionConfiguration.type to CUSTOMER_KMS and keyId to the account's key",
    )


RULES = (
    Rule(
        id="NW-09",
        title="Firewalls are protected from changes and use a customer managed key",
        severity="high",
        sources=("FSBP NetworkFirewall.9", "FSBP NetworkFirewall.10", "CKV_AWS_344", "CKV_AWS_345", "CKV_AWS_346"),
        remedy="Protect firewalls from deletion and from changes of subnets and policy. Give firewalls, firewall "
        "policies and rule groups the key of their account.",
        checks=for_each(ENCRYPTED, is_encrypted) | for_each(FIREWALL, is_protected),
    ),
)
