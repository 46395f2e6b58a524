"""Rules about the trail: it records every call of everybody."""

from __future__ import annotations

from collections.abc import Iterator

from policies.security.inputs.readers import UNKNOWN, Properties, lacks
from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import PROVIDER_TYPE, Subject
from policies.security.rule import Judgement, Relation, Rule, Verdict, for_each, refuse

TRAIL = ("aws:cloudtrail/trail:Trail",)
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


def is_there(stack: Stack) -> Iterator[Judgement]:
    """One trail for the organization, in the stack that keeps the logs."""
    for itself in stack.itself if stack.surroundings.kind == "audit" and not stack.of(TRAIL) else []:
        yield itself, refuse("leads to an account without a trail", fix="add the organization's trail")


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
        relations=(Relation((PROVIDER_TYPE, *TRAIL), is_there),),
    ),
)
