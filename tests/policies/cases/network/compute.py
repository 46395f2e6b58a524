"""Cases of policies/security/rules/network/compute.py."""

from __future__ import annotations

from policies.security.rules.network import compute
from tests.policies.case import ABSENT, Case, Situation, but

TOKENS = {"httpTokens": "required", "httpPutResponseHopLimit": 1}
DEFAULT_ENCRYPTION = [
    Case(
        rule="NW-08",
        type=type_,
        compliant=Situation(inputs={"enabled": True}),
        optional=frozenset({"enabled"}),
        refused={"leaves disks unencrypted": but({"enabled": False})},
    )
    for type_ in compute.VOLUME_DEFAULT
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
    for type_ in compute.METADATA_DEFAULT
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
    for type_ in compute.MACHINE
]
SWITCHES = [
    Case(
        rule="NW-08",
        type=type_,
        compliant=Situation(inputs={"state": state}),
        refused={"is off": but({"state": "unblocked"}), "is empty": but({"state": ""})},
    )
    for type_, state in compute.SHARING.items()
]
IMAGES = [
    Case(
        rule="NW-08",
        type=type_,
        compliant=Situation(inputs={"accountId": "222222222222"}),
        optional=frozenset({"accountId"}),
        refused={"is for every principal": but({"accountId": ABSENT, "group": "all"})},
    )
    for type_ in compute.IMAGE_PERMISSION
]

CASES = [*DEFAULT_ENCRYPTION, *DEFAULT_TOKENS, *MACHINES, *SWITCHES, *IMAGES]
