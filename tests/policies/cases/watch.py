"""Cases of policies/security/rules/watch.py."""

from __future__ import annotations

from policies.security.readers import UNKNOWN
from policies.security.rules import watch
from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Situation, but

SELECTOR = "advancedEventSelectors.0"
FIELD = f"{SELECTOR}.fieldSelectors.0"
TRAILS = [
    Case(
        rule="OR-02",
        type=type_,
        compliant=Situation(
            inputs={
                "isMultiRegionTrail": True,
                "isOrganizationTrail": True,
                "enableLogFileValidation": True,
                "enableLogging": True,
                "includeGlobalServiceEvents": True,
                "kmsKeyId": f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e",
                "advancedEventSelectors": [{"fieldSelectors": [{"equals": ["Data"], "field": "eventCategory"}]}],
            }
        ),
        optional=frozenset({"enableLogging", "includeGlobalServiceEvents", f"{FIELD}.field"}),
        refused={
            f"leaves {flag} off": but({flag: False})
            for flag in (
                "isMultiRegionTrail",
                "isOrganizationTrail",
                "enableLogFileValidation",
                "enableLogging",
                "includeGlobalServiceEvents",
            )
        }
        | {"records management alone": but({f"{FIELD}.equals": ["Management"]})},
        accepted={
            "records data beside something": but({f"{FIELD}.equals": ["Management", "Data"]}),
            "records data by a second selector": but(
                {
                    "advancedEventSelectors": [
                        {"fieldSelectors": [{"equals": ["Management"]}]},
                        {"fieldSelectors": [{"field": "readOnly"}, {"equals": ["Data"]}]},
                    ]
                }
            ),
            "records what only the deployment knows": but({f"{FIELD}.equals": ["Management", UNKNOWN]}),
        },
    )
    for type_ in watch.TRAIL
]
RECORDERS = [
    Case(
        rule="OR-03",
        type=type_,
        compliant=Situation(inputs={"recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}}),
        optional=frozenset(
            {"recordingGroup", "recordingGroup.allSupported", "recordingGroup.includeGlobalResourceTypes"}
        ),
        refused={
            "records some": but({"recordingGroup.allSupported": False}),
            "leaves global ones out": but({"recordingGroup.includeGlobalResourceTypes": False}),
        },
    )
    for type_ in watch.RECORDER
]
SWITCHES = [
    Case(
        rule="OR-03",
        type=type_,
        compliant=Situation(inputs={path[0]: True if len(path) == 1 else {path[1]: True}}),
        optional=frozenset({path[0], ".".join(path)}),
        refused={"is off": but({".".join(path): False})},
    )
    for type_, path in watch.SWITCHES.items()
]
FINDINGS = [
    Case(
        rule="OR-03",
        type=type_,
        compliant=Situation(inputs={"autoEnable": True}),
        refused={
            "leaves accounts out": but({"autoEnable": False}),
            "leaves accounts to themselves": but(
                {"autoEnable": False, "organizationConfiguration": {"configurationType": "LOCAL"}}
            ),
        },
        accepted={
            "is configured centrally": but(
                {"autoEnable": False, "organizationConfiguration": {"configurationType": "CENTRAL"}}
            ),
            "is configured as the deployment will say": but(
                {"autoEnable": False, "organizationConfiguration": UNKNOWN}
            ),
        },
    )
    for type_ in watch.FINDINGS
]
MEMBERS = [
    Case(
        rule="OR-03",
        type=type_,
        compliant=Situation(inputs={"autoEnableOrganizationMembers": "ALL"}),
        refused={
            "takes new accounts alone": but({"autoEnableOrganizationMembers": "NEW"}),
            "says nothing": but({"autoEnableOrganizationMembers": ABSENT}),
        },
    )
    for type_ in watch.MEMBERS
]

CASES = [*TRAILS, *RECORDERS, *SWITCHES, *FINDINGS, *MEMBERS]
