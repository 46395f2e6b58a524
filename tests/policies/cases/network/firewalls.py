"""Cases of policies/security/rules/network/firewalls.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OWN_ACCOUNT, Case, Situation, but

ENCRYPTED = (
    "aws:networkfirewall/firewall:Firewall",
    "aws:networkfirewall/firewallPolicy:FirewallPolicy",
    "aws:networkfirewall/ruleGroup:RuleGroup",
    "aws:networkfirewall/tlsInspectionConfiguration:TlsInspectionConfiguration",
)
PROTECTIONS = ("deleteProtection", "subnetChangeProtection", "firewallPolicyChangeProtection")


KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"
ENCRYPTION = {"encryptionConfiguration": {"type": "CUSTOMER_KMS", "keyId": KEY}}

CASES = [
    Case(
        rule="NW-09",
        type=type_,
        compliant=Situation(
            inputs={**ENCRYPTION, **dict.fromkeys(PROTECTIONS, True)}
            if type_ in ("aws:networkfirewall/firewall:Firewall",)
            else ENCRYPTION
        ),
        refused={
            "has a key of AWS": but({"encryptionConfiguration": {"type": "AWS_OWNED_KMS_KEY"}}),
            "has a key of AWS beside a key": but({"encryptionConfiguration.type": "AWS_OWNED_KMS_KEY"}),
            "has an empty key": but({"encryptionConfiguration.keyId": ""}),
        }
        | {
            f"has {protection} turned off": but({protection: False})
            for protection in PROTECTIONS
            if type_ in ("aws:networkfirewall/firewall:Firewall",)
        },
        accepted={"has a key that is not known yet": but({"encryptionConfiguration.keyId": UNKNOWN})},
    )
    for type_ in ENCRYPTED
]
