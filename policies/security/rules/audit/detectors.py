"""Rules about AWS Config recorders and threat detectors: they exist, are on, and cover every account and resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.evaluation.readers import UNKNOWN, Properties
from policies.evaluation.resource import PROVIDER_TYPE, Resource
from policies.evaluation.rule import CheckResult, ResourceCheck, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack

RECORDER = ("aws:cfg/recorder:Recorder",)
SWITCHES: dict[str, tuple[str, ...]] = {
    "aws:cfg/recorderStatus:RecorderStatus": ("isEnabled",),
    "aws:guardduty/detector:Detector": ("enable",),
    "aws:inspector2/organizationConfiguration:OrganizationConfiguration": ("autoEnable", "ecr"),
}
"""Property that switches a recorder or detector on, by type. The default is on."""
SECURITY_HUB_OF_MEMBERS = ("aws:securityhub/organizationConfiguration:OrganizationConfiguration",)
MACIE = ("aws:macie2/account:Account",)
MACIE_OF_MEMBERS = ("aws:macie2/organizationConfiguration:OrganizationConfiguration",)
GUARDDUTY_OF_MEMBERS = ("aws:guardduty/organizationConfiguration:OrganizationConfiguration",)
FEATURE = ("aws:guardduty/detectorFeature:DetectorFeature",)
FEATURE_OF_MEMBERS = ("aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature",)
ANALYZER = ("aws:accessanalyzer/analyzer:Analyzer",)
STANDARDS = {
    "aws:securityhub/configurationPolicy:ConfigurationPolicy": ("configurationPolicy", "enabledStandardArns"),
    "aws:securityhub/standardsSubscription:StandardsSubscription": ("standardsArn",),
}
"""Where Security Hub standards are enabled: centrally for every account, or by subscription in a single account."""


@dataclass(frozen=True, slots=True)
class RequiredResource:
    """A required resource: one of several types, optionally with a property that contains a word."""

    places: Mapping[str, tuple[str, ...]]
    """Path of the property, by type. The path is empty if any resource of the type satisfies the requirement."""
    word: str = ""
    """Text that the property, or one of its items, must contain."""

    def is_satisfied_by(self, resource: Resource) -> bool:
        path = self.places.get(resource.type)
        return path is not None and (not path or _contains(resource.properties, path, self.word))


def _contains(properties: Properties, path: tuple[str, ...], word: str) -> bool:
    """Whether the property contains the word. An unknown value counts as a match."""
    items = properties.items(*path)
    return properties.may_have_more(*path) or (isinstance(items, list) and any(word in str(item) for item in items))


def _features(type_: str) -> dict[str, RequiredResource]:
    names = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING")
    return {f"{name} of {type_.rpartition(':')[2]}": RequiredResource({type_: ("name",)}, name) for name in names}


def _kinds(*types: str) -> dict[str, RequiredResource]:
    return {type_.removeprefix("aws:").rpartition(":")[0]: RequiredResource({type_: ()}) for type_ in types}


DETECTORS: Mapping[str, RequiredResource] = {
    **_kinds(
        "aws:guardduty/detector:Detector",
        "aws:securityhub/account:Account",
        "aws:cfg/configurationAggregator:ConfigurationAggregator",
    ),
    **_features(FEATURE[0]),
    "the AWS Foundational Security Best Practices standard": RequiredResource(
        STANDARDS, "/aws-foundational-security-best-practices/"
    ),
    "the CIS standard": RequiredResource(STANDARDS, "/cis-aws-foundations-benchmark/"),
    "the AI Security Best Practices standard": RequiredResource(STANDARDS, "/ai-security-best-practices/"),
    "an organization-wide access analyzer": RequiredResource({ANALYZER[0]: ("type",)}, "ORGANIZATION"),
    "image scanning": RequiredResource({"aws:inspector2/enabler:Enabler": ("resourceTypes",)}, "ECR"),
}
"""Detectors that the audit account needs."""
DETECTORS_OF_MEMBERS: Mapping[str, RequiredResource] = {
    **_kinds(
        *GUARDDUTY_OF_MEMBERS,
        *SECURITY_HUB_OF_MEMBERS,
        "aws:inspector2/organizationConfiguration:OrganizationConfiguration",
    ),
    **_features(FEATURE_OF_MEMBERS[0]),
}
"""Configuration that extends the detectors to every member account. Required if audit has an account of its own."""
DELEGATIONS: Mapping[str, RequiredResource] = {
    **_kinds(
        "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount",
        "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount",
        "aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount",
        "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount",
    ),
    **{
        f"a delegated administrator for {service}": RequiredResource(
            {"aws:organizations/delegatedAdministrator:DelegatedAdministrator": ("servicePrincipal",)}, service
        )
        for service in ("access-analyzer.amazonaws.com", "config.amazonaws.com")
    },
}
"""Delegations by which the management account makes audit the administrator of the detectors."""
_REQUIRED_TYPES = {
    type_ for piece in {**DETECTORS, **DETECTORS_OF_MEMBERS, **DELEGATIONS}.values() for type_ in piece.places
}


def has_detectors_for_every_account(stack: Stack) -> Iterator[CheckResult]:
    """Checks the audit stack for detectors and the organization stack for delegations."""
    wanted = _wanted(stack.context.kind, delegated=stack.context.delegated_audit)
    missing = [what for what, piece in wanted.items() if not any(map(piece.is_satisfied_by, stack.of(piece.places)))]
    for representative in stack.representative if missing else []:
        yield (
            representative,
            violation(f"leaves its account without {', '.join(missing)}", fix="add the missing resources"),
        )


def _wanted(kind: str, *, delegated: bool) -> Mapping[str, RequiredResource]:
    if kind == "audit":
        return {**DETECTORS, **DETECTORS_OF_MEMBERS} if delegated else DETECTORS
    return DELEGATIONS if kind == "organization" and delegated else {}


def advises_macie(stack: Stack) -> Iterator[CheckResult]:
    """Advises Macie in the audit stack. Macie is billed by the gigabyte, so the setting ``audit.macie`` decides."""
    for representative in stack.representative if stack.context.kind == "audit" and not stack.of(MACIE) else []:
        yield (
            representative,
            violation("leaves its account without Macie", fix="set audit.macie to true to search the lake"),
        )


def records_everything(resource: Resource) -> Violation | None:
    group = ("recordingGroup",)
    flags = [resource.properties.flag(*group, flag) for flag in ("allSupported", "includeGlobalResourceTypes")]
    if False not in flags:
        return None
    return violation("records only some resource types", fix="set allSupported and includeGlobalResourceTypes to true")


def is_on(path: tuple[str, ...]) -> ResourceCheck:
    """Returns a check that one switch is not off."""

    def check(resource: Resource) -> Violation | None:
        if resource.properties.flag(*path) is not False:
            return None
        return violation("is switched off", fix=f"set {'.'.join(path)} to true")

    return check


def has_value(path: str, *words: str) -> ResourceCheck:
    """Returns a check that one property has one of the given values."""

    def check(resource: Resource) -> Violation | None:
        if resource.properties.text(path) in (*words, UNKNOWN):
            return None
        return violation("leaves a detector off", fix=f"set {path} to {words[0]}")

    return check


def covers_new_accounts(resource: Resource) -> Violation | None:
    """Checks that Security Hub covers new accounts. Under central configuration, policies cover them and AWS rejects
    autoEnable.
    """
    if resource.properties.text("organizationConfiguration", "configurationType") in ("CENTRAL", UNKNOWN):
        return None
    if resource.properties.flag("autoEnable") in (True, UNKNOWN):
        return None
    return violation("does not cover every account", fix="set autoEnable to true, or configurationType to CENTRAL")


def macie_is_running(resource: Resource) -> Violation | None:
    if resource.properties.text("status") in (None, "ENABLED", UNKNOWN):
        return None
    return violation("is paused", fix="set status to ENABLED")


def covers_every_member(resource: Resource) -> Violation | None:
    if resource.properties.text("autoEnableOrganizationMembers") in ("ALL", UNKNOWN):
        return None
    return violation("does not cover every account", fix="set autoEnableOrganizationMembers to ALL")


RULES = (
    Rule(
        id="OR-03",
        title="Recorders and detectors exist and are enabled",
        severity="high",
        sources=(
            "FSBP Config.1",
            "FSBP GuardDuty.1",
            "CIS 5.0 1.19",
            "CIS 5.0 4.16",
            "FSBP Macie.1",
            "AI Security Best Practices",
        ),
        remedy="In the audit account, create every detector with its features, Security Hub with its three standards, "
        "an organization-wide analyzer and image scanning. Enable each for every account of the organization and "
        "delegate their administration to the audit account. Macie is optional; if it exists, it must be enabled.",
        checks=for_each(RECORDER, records_everything)
        | {type_: is_on(path) for type_, path in SWITCHES.items()}
        | for_each(FEATURE, has_value("status", "ENABLED"))
        | for_each(FEATURE_OF_MEMBERS, has_value("autoEnable", "ALL"))
        | for_each(SECURITY_HUB_OF_MEMBERS, covers_new_accounts)
        | for_each(GUARDDUTY_OF_MEMBERS, covers_every_member)
        | for_each(MACIE, macie_is_running)
        | for_each(MACIE_OF_MEMBERS, is_on(("autoEnable",))),
        stack_checks=(
            StackCheck((PROVIDER_TYPE, *sorted(_REQUIRED_TYPES)), has_detectors_for_every_account),
            StackCheck((PROVIDER_TYPE, *MACIE), advises_macie, is_advisory=True),
        ),
    ),
)
