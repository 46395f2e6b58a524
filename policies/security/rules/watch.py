"""Rules about what records and detects: on, for everybody, for everything."""

from __future__ import annotations

from policies.security.readers import UNKNOWN, Properties, lacks
from policies.security.rule import Judge, Rule, Verdict, for_each, refuse
from policies.security.subject import Subject

TRAIL = ("aws:cloudtrail/trail:Trail",)
RECORDER = ("aws:cfg/recorder:Recorder",)
SWITCHES: dict[str, tuple[str, ...]] = {
    "aws:cfg/recorderStatus:RecorderStatus": ("isEnabled",),
    "aws:guardduty/detector:Detector": ("enable",),
    "aws:inspector2/organizationConfiguration:OrganizationConfiguration": ("autoEnable", "ecr"),
}
"""What switches a recorder or detector on, or on for new accounts; on where nothing is said."""
FINDINGS = ("aws:securityhub/organizationConfiguration:OrganizationConfiguration",)
MEMBERS = ("aws:guardduty/organizationConfiguration:OrganizationConfiguration",)

_TRAIL_SAYS = ("isMultiRegionTrail", "isOrganizationTrail", "enableLogFileValidation")
_TRAIL_DENIES = ("enableLogging", "includeGlobalServiceEvents")


def trail_sees_everything(subject: Subject) -> Verdict:
    properties = subject.properties
    missing = [flag for flag in _TRAIL_SAYS if properties.flag(flag) not in (True, UNKNOWN)]
    missing += [flag for flag in _TRAIL_DENIES if properties.flag(flag) is False]
    if missing:
        return refuse(f"leaves {', '.join(missing)} off", fix="set them to true")
    if lacks(properties.value("kmsKeyId")):
        return refuse("is encrypted with the key of AWS", fix="set kmsKeyId to the log archive's key")
    selectors = properties.blocks("advancedEventSelectors")
    if properties.may_hold_more("advancedEventSelectors") or any(map(_selects_data, selectors)):
        return None
    return refuse("records no access to data", fix="select data events of the lake, artifacts and state")


def _selects_data(selector: Properties) -> bool:
    fields = selector.blocks("fieldSelectors")
    return selector.may_hold_more("fieldSelectors") or any(map(_may_be_data, fields))


def _may_be_data(field: Properties) -> bool:
    values = field.items("equals")
    return field.may_hold_more("equals") or (isinstance(values, list) and "Data" in values)


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


def reaches_every_account(subject: Subject) -> Verdict:
    """Central configuration reaches them by policies, and AWS then refuses autoEnable."""
    if subject.properties.text("organizationConfiguration", "configurationType") in ("CENTRAL", UNKNOWN):
        return None
    if subject.properties.flag("autoEnable") in (True, UNKNOWN):
        return None
    return refuse("leaves accounts out", fix="set autoEnable to true, or configurationType to CENTRAL")


def takes_every_member(subject: Subject) -> Verdict:
    if subject.properties.text("autoEnableOrganizationMembers") in ("ALL", UNKNOWN):
        return None
    return refuse("leaves accounts out", fix="set autoEnableOrganizationMembers to ALL")


RULES = (
    Rule(
        id="OR-02",
        title="The trail sees every call of every account",
        severity="critical",
        sources=(
            "FSBP CloudTrail.1",
            "FSBP CloudTrail.2",
            "FSBP CloudTrail.4",
            "CIS 5.0 3.1",
            "CKV_AWS_35",
            "CKV_AWS_67",
        ),
        remedy="One trail for the organization and all regions, validated, encrypted, with data events.",
        judges=for_each(TRAIL, trail_sees_everything),
    ),
    Rule(
        id="OR-03",
        title="Recorders and detectors are on",
        severity="high",
        sources=("FSBP Config.1", "FSBP GuardDuty.1", "CIS 5.0 4.16"),
        remedy="Switch the recorder or detector on, for everything and for every account of the organization.",
        judges=for_each(RECORDER, records_everything)
        | {type_: is_on(path) for type_, path in SWITCHES.items()}
        | for_each(FINDINGS, reaches_every_account)
        | for_each(MEMBERS, takes_every_member),
    ),
)
