"""Rules about recorders and detectors: there, on, for everybody, for everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.security.inputs.readers import UNKNOWN, Properties
from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import PROVIDER_TYPE, Subject
from policies.security.rule import Judge, Judgement, Relation, Rule, Verdict, for_each, refuse

RECORDER = ("aws:cfg/recorder:Recorder",)
SWITCHES: dict[str, tuple[str, ...]] = {
    "aws:cfg/recorderStatus:RecorderStatus": ("isEnabled",),
    "aws:guardduty/detector:Detector": ("enable",),
    "aws:inspector2/organizationConfiguration:OrganizationConfiguration": ("autoEnable", "ecr"),
}
"""What switches a recorder or detector on, or on for new accounts; on where nothing is said."""
FINDINGS = ("aws:securityhub/organizationConfiguration:OrganizationConfiguration",)
SEARCH = ("aws:macie2/account:Account",)
SEARCH_OF_MEMBERS = ("aws:macie2/organizationConfiguration:OrganizationConfiguration",)
MEMBERS = ("aws:guardduty/organizationConfiguration:OrganizationConfiguration",)
FEATURE = ("aws:guardduty/detectorFeature:DetectorFeature",)
FEATURE_OF_MEMBERS = ("aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature",)
ANALYZER = ("aws:accessanalyzer/analyzer:Analyzer",)
STANDARDS = {
    "aws:securityhub/configurationPolicy:ConfigurationPolicy": ("configurationPolicy", "enabledStandardArns"),
    "aws:securityhub/standardsSubscription:StandardsSubscription": ("standardsArn",),
}
"""Centrally for every account, or one by one where there is only one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A resource of one of some types, and what stands at a property of it."""

    places: Mapping[str, tuple[str, ...]]
    """Type -> path of the property; the empty path where the type alone says enough."""
    word: str = ""
    """Part of the property's text, or of an item of it."""

    def is_made_by(self, subject: Subject) -> bool:
        path = self.places.get(subject.type)
        return path is not None and (not path or _says(subject.properties, path, self.word))


def _says(properties: Properties, path: tuple[str, ...], word: str) -> bool:
    """What only the deployment knows may say it."""
    items = properties.items(*path)
    return properties.may_hold_more(*path) or (isinstance(items, list) and any(word in str(item) for item in items))


def _features(type_: str) -> dict[str, Piece]:
    names = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING")
    return {f"{name} of {type_.rpartition(':')[2]}": Piece({type_: ("name",)}, name) for name in names}


def _kinds(*types: str) -> dict[str, Piece]:
    return {type_.removeprefix("aws:").rpartition(":")[0]: Piece({type_: ()}) for type_ in types}


WATCH: Mapping[str, Piece] = {
    **_kinds(
        "aws:guardduty/detector:Detector",
        "aws:securityhub/account:Account",
        "aws:cfg/configurationAggregator:ConfigurationAggregator",
    ),
    **_features(FEATURE[0]),
    "the foundational standard": Piece(STANDARDS, "/aws-foundational-security-best-practices/"),
    "the CIS standard": Piece(STANDARDS, "/cis-aws-foundations-benchmark/"),
    "the AI standard": Piece(STANDARDS, "/ai-security-best-practices/"),
    "an analyzer of the organization": Piece({ANALYZER[0]: ("type",)}, "ORGANIZATION"),
    "scans of images": Piece({"aws:inspector2/enabler:Enabler": ("resourceTypes",)}, "ECR"),
}
"""What the account of audit watches with."""
WATCH_OVER_MEMBERS: Mapping[str, Piece] = {
    **_kinds(*MEMBERS, *FINDINGS, "aws:inspector2/organizationConfiguration:OrganizationConfiguration"),
    **_features(FEATURE_OF_MEMBERS[0]),
}
"""What takes it to every other account, if there is any."""
DELEGATIONS: Mapping[str, Piece] = {
    **_kinds(
        "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount",
        "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount",
        "aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount",
        "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount",
    ),
    **{
        f"a delegation of {service}": Piece(
            {"aws:organizations/delegatedAdministrator:DelegatedAdministrator": ("servicePrincipal",)}, service
        )
        for service in ("access-analyzer.amazonaws.com", "config.amazonaws.com")
    },
}
"""By which the management account lets the account of audit do so."""
_PLACES = {type_ for piece in {**WATCH, **WATCH_OVER_MEMBERS, **DELEGATIONS}.values() for type_ in piece.places}


def watch_over_everybody(stack: Stack) -> Iterator[Judgement]:
    """In the stack that watches, and in that of the management account, which lets it."""
    wanted = _wanted(stack.surroundings.kind, delegated=stack.surroundings.delegated_audit)
    missing = [what for what, piece in wanted.items() if not any(map(piece.is_made_by, stack.of(piece.places)))]
    for itself in stack.itself if missing else []:
        yield itself, refuse(f"leads to an account without {', '.join(missing)}", fix="add what is missing")


def _wanted(kind: str, *, delegated: bool) -> Mapping[str, Piece]:
    if kind == "audit":
        return {**WATCH, **WATCH_OVER_MEMBERS} if delegated else WATCH
    return DELEGATIONS if kind == "organization" and delegated else {}


def search_for_personal_data(stack: Stack) -> Iterator[Judgement]:
    """Paid by the gigabyte, so it is for whoever owns the lake to decide (``audit.macie``)."""
    for itself in stack.itself if stack.surroundings.kind == "audit" and not stack.of(SEARCH) else []:
        yield itself, refuse("leads to an account without Macie", fix="set audit.macie to true to search the lake")


def records_everything(subject: Subject) -> Verdict:
    group = ("recordingGroup",)
    flags = [subject.properties.flag(*group, flag) for flag in ("allSupported", "includeGlobalResourceTypes")]
    if False not in flags:
        return None
    return refuse("records some resources only", fix="set allSupported and includeGlobalResourceTypes to true")


def is_on(path: tuple[str, ...]) -> Judge:
    """A judge of one switch."""

    def judge(subject: Subject) -> Verdict:
        if subject.properties.flag(*path) is not False:
            return None
        return refuse("is switched off", fix=f"set {'.'.join(path)} to true")

    return judge


def says(path: str, *words: str) -> Judge:
    """A judge of one property that has to say one of some words."""

    def judge(subject: Subject) -> Verdict:
        if subject.properties.text(path) in (*words, UNKNOWN):
            return None
        return refuse("leaves a detector off", fix=f"set {path} to {words[0]}")

    return judge


def reaches_every_account(subject: Subject) -> Verdict:
    """Central configuration reaches them by policies, and AWS then refuses autoEnable."""
    if subject.properties.text("organizationConfiguration", "configurationType") in ("CENTRAL", UNKNOWN):
        return None
    if subject.properties.flag("autoEnable") in (True, UNKNOWN):
        return None
    return refuse("leaves accounts out", fix="set autoEnable to true, or configurationType to CENTRAL")


def searches(subject: Subject) -> Verdict:
    if subject.properties.text("status") in (None, "ENABLED", UNKNOWN):
        return None
    return refuse("is paused", fix="set status to ENABLED")


def takes_every_member(subject: Subject) -> Verdict:
    if subject.properties.text("autoEnableOrganizationMembers") in ("ALL", UNKNOWN):
        return None
    return refuse("leaves accounts out", fix="set autoEnableOrganizationMembers to ALL")


RULES = (
    Rule(
        id="OR-03",
        title="Recorders and detectors are there, and on",
        severity="high",
        sources=(
            "FSBP Config.1",
            "FSBP GuardDuty.1",
            "CIS 5.0 1.19",
            "CIS 5.0 4.16",
            "FSBP Macie.1",
            "AI Security Best Practices",
        ),
        remedy="Give the account of audit every detector with its features, Security Hub with its three standards, the "
        "organization's analyzer and the scans of images; switch each on, for every account of the organization, and "
        "delegate them to that account. Macie on the lake is advised; where it is, it is on.",
        judges=for_each(RECORDER, records_everything)
        | {type_: is_on(path) for type_, path in SWITCHES.items()}
        | for_each(FEATURE, says("status", "ENABLED"))
        | for_each(FEATURE_OF_MEMBERS, says("autoEnable", "ALL"))
        | for_each(FINDINGS, reaches_every_account)
        | for_each(MEMBERS, takes_every_member)
        | for_each(SEARCH, searches)
        | for_each(SEARCH_OF_MEMBERS, is_on(("autoEnable",))),
        relations=(
            Relation((PROVIDER_TYPE, *sorted(_PLACES)), watch_over_everybody),
            Relation((PROVIDER_TYPE, *SEARCH), search_for_personal_data, advises=True),
        ),
    ),
)
