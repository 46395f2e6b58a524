"""Cases of policies/security/rules/audit/detectors.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import PROVIDER_TYPE
from tests.policies.case import ABSENT, Case, Member, Situation, StackCase, but, put, stack_context

SWITCHES_TYPES = {
    "aws:cfg/recorderStatus:RecorderStatus": ("isEnabled",),
    "aws:guardduty/detector:Detector": ("enable",),
    "aws:inspector2/organizationConfiguration:OrganizationConfiguration": ("autoEnable", "ecr"),
}


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
    for type_ in ("aws:cfg/recorder:Recorder",)
]
SWITCHES = [
    Case(
        rule="OR-03",
        type=type_,
        compliant=Situation(inputs={path[0]: True if len(path) == 1 else {path[1]: True}}),
        optional=frozenset({path[0], ".".join(path)}),
        refused={"is off": but({".".join(path): False})},
    )
    for type_, path in SWITCHES_TYPES.items()
]
SECURITY_HUB_OF_MEMBERS = [
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
    for type_ in ("aws:securityhub/organizationConfiguration:OrganizationConfiguration",)
]
GUARDDUTY_OF_MEMBERS = [
    Case(
        rule="OR-03",
        type=type_,
        compliant=Situation(inputs={"autoEnableOrganizationMembers": "ALL"}),
        refused={
            "takes new accounts alone": but({"autoEnableOrganizationMembers": "NEW"}),
            "sets nothing": but({"autoEnableOrganizationMembers": ABSENT}),
        },
    )
    for type_ in ("aws:guardduty/organizationConfiguration:OrganizationConfiguration",)
]

SAYING = [
    Case(
        rule="OR-03",
        type=type_,
        compliant=Situation(inputs={"name": "S3_DATA_EVENTS", path: word}),
        optional=frozenset({"name"}),
        refused={"is off": but({path: other})},
    )
    for type_, path, word, other in (
        ("aws:guardduty/detectorFeature:DetectorFeature", "status", "ENABLED", "DISABLED"),
        ("aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature", "autoEnable", "ALL", "NEW"),
    )
]


def member(type_: str, path: tuple[str, ...], value: Any) -> Member:
    inputs: dict[str, Any] = {}
    if path:
        put(inputs, ".".join(path), value)
    return Member(type=type_, inputs=inputs)


FEATURES = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING")
ARNS_OF_STANDARDS = {
    "foundational": "arn:aws:securityhub:::standards/aws-foundational-security-best-practices/v/1.0.0",
    "cis": "arn:aws:securityhub:::standards/cis-aws-foundations-benchmark/v/5.0.0",
    "ai": "arn:aws:securityhub:::standards/ai-security-best-practices/v/1.0.0",
}
CENTRAL_POLICY = "aws:securityhub/configurationPolicy:ConfigurationPolicy"
SUBSCRIPTION = "aws:securityhub/standardsSubscription:StandardsSubscription"
CENTRAL = ("configurationPolicy", "enabledStandardArns")
HERE = {
    "detector": member("aws:guardduty/detector:Detector", (), None),
    "hub": member("aws:securityhub/account:Account", (), None),
    "aggregator": member("aws:cfg/configurationAggregator:ConfigurationAggregator", (), None),
    "analyzer": member("aws:accessanalyzer/analyzer:Analyzer", ("type",), "ORGANIZATION"),
    "scanning": member("aws:inspector2/enabler:Enabler", ("resourceTypes",), ["EC2", "ECR"]),
    **{name: member("aws:guardduty/detectorFeature:DetectorFeature", ("name",), name) for name in FEATURES},
    **{what: member(CENTRAL_POLICY, CENTRAL, ["another", arn]) for what, arn in ARNS_OF_STANDARDS.items()},
}
_OF_MEMBERS = "aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature"
MEMBERS_TOO = {
    **{
        f"{service} of members": member(f"aws:{service}/organizationConfiguration:OrganizationConfiguration", (), None)
        for service in ("guardduty", "inspector2", "securityhub")
    },
    **{f"{name} of members": member(_OF_MEMBERS, ("name",), name) for name in FEATURES},
}
_ADMINISTRATOR = "aws:organizations/delegatedAdministrator:DelegatedAdministrator"
LET = {
    "guardduty": member("aws:guardduty/organizationAdminAccount:OrganizationAdminAccount", (), None),
    "securityhub": member("aws:securityhub/organizationAdminAccount:OrganizationAdminAccount", (), None),
    "inspector2": member("aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount", (), None),
    "cloudtrail": member(
        "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount", (), None
    ),
    **{
        service: member(_ADMINISTRATOR, ("servicePrincipal",), f"{service}.amazonaws.com")
        for service in ("access-analyzer", "config")
    },
}
MACIE = {"search": Member(type="aws:macie2/account:Account")}


def watching(what: str, members: dict[str, Member], *refused: str, **declared: Any) -> StackCase:
    return StackCase(
        rule="OR-03",
        type=PROVIDER_TYPE,
        what=what,
        members={"provider": Member(), **MACIE, **members},
        refused=frozenset(refused),
        context=stack_context(**{"kind": "audit", **declared}),
    )


ALL = HERE | MEMBERS_TOO
ONE_BY_ONE = {what: member(SUBSCRIPTION, ("standardsArn",), arn) for what, arn in ARNS_OF_STANDARDS.items()}
WATCHES = [
    watching("an audit account with all detectors", ALL),
    *(
        watching(
            f"the account of audit without {left_out}", {k: m for k, m in ALL.items() if k != left_out}, "provider"
        )
        for left_out in ALL
    ),
    watching("the only account of an organization", HERE, delegated_audit=False),
    watching("the only account with standards one by one", HERE | ONE_BY_ONE, delegated_audit=False),
    watching("the only account without detectors", {}, "provider", delegated_audit=False),
    watching(
        "an analyzer of the account alone",
        ALL | {"analyzer": member("aws:accessanalyzer/analyzer:Analyzer", ("type",), "ACCOUNT")},
        "provider",
    ),
    watching(
        "an analyzer of an unknown type",
        ALL | {"analyzer": member("aws:accessanalyzer/analyzer:Analyzer", ("type",), UNKNOWN)},
    ),
    watching(
        "image scanning of EC2 only",
        ALL | {"scanning": member("aws:inspector2/enabler:Enabler", ("resourceTypes",), ["EC2"])},
        "provider",
    ),
    watching(
        "image scanning without a type",
        ALL | {"scanning": member("aws:inspector2/enabler:Enabler", ("other",), "ECR")},
        "provider",
    ),
    watching(
        "a standard in another member of the policy",
        ALL | {"cis": member(CENTRAL_POLICY, ("configurationPolicy", "other"), ARNS_OF_STANDARDS["cis"])},
        "provider",
    ),
    watching(
        "a subscription to another standard",
        HERE
        | ONE_BY_ONE
        | {"cis": member(SUBSCRIPTION, ("standardsArn",), "arn:aws:securityhub:::standards/nist-800-53")},
        "provider",
        delegated_audit=False,
    ),
    watching("a management account with all delegations", LET, kind="organization"),
    *(
        watching(
            f"a management account without {left_out}",
            {k: m for k, m in LET.items() if k != left_out},
            "provider",
            kind="organization",
        )
        for left_out in LET
    ),
    watching("a management account without delegated audit", {}, kind="organization", delegated_audit=False),
    watching("another account", {}, kind="tooling"),
    StackCase(
        rule="OR-03",
        type=PROVIDER_TYPE,
        what="all detectors except Macie",
        members={"provider": Member(), **ALL},
        refused=frozenset({"provider"}),
        context=stack_context(kind="audit"),
    ),
    StackCase(
        rule="OR-03",
        type=PROVIDER_TYPE,
        what="another account without a search",
        members={"provider": Member()},
        context=stack_context(kind="tooling"),
    ),
]

SEARCHES = [
    Case(
        rule="OR-03",
        type="aws:macie2/account:Account",
        compliant=Situation(inputs={"status": "ENABLED"}),
        optional=frozenset({"status"}),
        refused={"is paused": but({"status": "PAUSED"})},
    ),
    Case(
        rule="OR-03",
        type="aws:macie2/organizationConfiguration:OrganizationConfiguration",
        compliant=Situation(inputs={"autoEnable": True}),
        optional=frozenset({"autoEnable"}),
        refused={"leaves new accounts out": but({"autoEnable": False})},
    ),
]

CASES = [*SEARCHES, *RECORDERS, *SWITCHES, *SECURITY_HUB_OF_MEMBERS, *GUARDDUTY_OF_MEMBERS, *SAYING]
STACK_CASES = WATCHES
