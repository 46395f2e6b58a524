"""Cases of policies/security/rules/network/compute.py."""

from __future__ import annotations

from tests.policies.case import ABSENT, Case, Situation, but

MACHINE = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
)
SHARING = {
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": "block-all-sharing",
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": "block-new-sharing",
}


TOKENS = {"httpTokens": "required", "httpPutResponseHopLimit": 1}
DEFAULT_ENCRYPTION = [
    Case(
        rule="NW-08",
        type=type_,
        compliant=Situation(inputs={"enabled": True}),
        optional=frozenset({"enabled"}),
        refused={"leaves disks unencrypted": but({"enabled": False})},
    )
    for type_ in ("aws:ebs/encryptionByDefault:EncryptionByDefault",)
]
DEFAULT_TOKENS = [
    Case(
        rule="NW-08",
        type=type_,
        compliant=Situation(inputs=TOKENS),
        refused={
            "answers without a token": but({"httpTokens": "optional"}),
            "answers containers": but({"httpPutResponseHopLimit": 2}),
        },
    )
    for type_ in ("aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",)
]
MACHINES = [
    Case(
        rule="NW-08",
        type=type_,
        compliant=Situation(inputs={"metadataOptions": TOKENS}),
        refused={
            "answers without a token": but({"metadataOptions.httpTokens": "optional"}),
            "answers containers": but({"metadataOptions.httpPutResponseHopLimit": 64}),
            "does not set tokens": but({"metadataOptions": {}}),
        },
    )
    for type_ in MACHINE
]
SWITCHES = [
    Case(
        rule="NW-08",
        type=type_,
        compliant=Situation(inputs={"state": state}),
        refused={"is off": but({"state": "unblocked"}), "is empty": but({"state": ""})},
    )
    for type_, state in SHARING.items()
]
IMAGES = [
    Case(
        rule="NW-08",
        type=type_,
        compliant=Situation(inputs={"accountId": "222222222222"}),
        optional=frozenset({"accountId"}),
        refused={"is for every principal": but({"accountId": ABSENT, "group": "all"})},
    )
    for type_ in ("aws:ec2/amiLaunchPermission:AmiLaunchPermission",)
]

CASES = [*DEFAULT_ENCRYPTION, *DEFAULT_TOKENS, *MACHINES, *SWITCHES, *IMAGES]
