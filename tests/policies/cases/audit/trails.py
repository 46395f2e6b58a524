"""Cases of policies/security/rules/audit/trails.py."""

from __future__ import annotations

from dataclasses import replace

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import PROVIDER_TYPE
from tests.policies.case import OWN_ACCOUNT, Case, Member, Situation, StackCase, but, stack_context

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
            "records data events in addition to others": but({f"{FIELD}.equals": ["Management", "Data"]}),
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
    for type_ in ("aws:cloudtrail/trail:Trail",)
]
WITHOUT = StackCase(
    rule="OR-02",
    type=PROVIDER_TYPE,
    what="the logs of an organization that records nothing",
    members={"provider": Member()},
    refused=frozenset({"provider"}),
    context=stack_context(kind="audit"),
)
WITH = replace(
    WITHOUT,
    what="the logs of an organization with its trail",
    members={"provider": Member(), "trail": Member(type="aws:cloudtrail/trail:Trail")},
    refused=frozenset(),
)
ELSEWHERE = replace(WITHOUT, what="another account", refused=frozenset(), context=stack_context(kind="tooling"))

CASES = TRAILS
STACK_CASES = [WITHOUT, WITH, ELSEWHERE]
