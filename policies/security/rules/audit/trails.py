"""Rules about the CloudTrail trail: it records every API call in every account."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluation.readers import UNKNOWN, Properties, is_missing
from policies.evaluation.resource import PROVIDER_TYPE, Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack

TRAIL = ("aws:cloudtrail/trail:Trail",)
_FLAGS_OFF_BY_DEFAULT = ("isMultiRegionTrail", "isOrganizationTrail", "enableLogFileValidation")
_FLAGS_ON_BY_DEFAULT = ("enableLogging", "includeGlobalServiceEvents")


def trail_records_everything(resource: Resource) -> Violation | None:
    properties = resource.properties
    missing = [flag for flag in _FLAGS_OFF_BY_DEFAULT if properties.flag(flag) not in (True, UNKNOWN)]
    missing += [flag for flag in _FLAGS_ON_BY_DEFAULT if properties.flag(flag) is False]
    if missing:
        return violation(f"does not enable {', '.join(missing)}", fix="set them to true")
    if is_missing(properties.value("kmsKeyId")):
        return violation("is not encrypted with a customer managed key", fix="set kmsKeyId to the log archive's key")
    selectors = properties.blocks("advancedEventSelectors")
    if properties.may_have_more("advancedEventSelectors") or any(map(_selects_data, selectors)):
        return None
    return violation("records no data events", fix="select data events of the lake, artifacts and state")


def _selects_data(selector: Properties) -> bool:
    fields = selector.blocks("fieldSelectors")
    return selector.may_have_more("fieldSelectors") or any(map(_may_be_data, fields))


def _may_be_data(field: Properties) -> bool:
    values = field.items("equals")
    return field.may_have_more("equals") or (isinstance(values, list) and "Data" in values)


def is_there(stack: Stack) -> Iterator[CheckResult]:
    """Checks that the audit stack creates the organization's trail."""
    for representative in stack.representative if stack.context.kind == "audit" and not stack.of(TRAIL) else []:
        yield representative, violation("leaves its account without a trail", fix="add the organization's trail")


RULES = (
    Rule(
        id="OR-02",
        title="The trail records every API call in every account",
        severity="critical",
        sources=(
            "FSBP CloudTrail.1",
            "FSBP CloudTrail.2",
            "FSBP CloudTrail.4",
            "CIS 5.0 3.1",
            "CKV_AWS_35",
            "CKV_AWS_67",
        ),
        remedy="Create one trail for the organization and all regions, with log file validation, encryption and data "
        "events.",
        checks=for_each(TRAIL, trail_records_everything),
        stack_checks=(StackCheck((PROVIDER_TYPE, *TRAIL), is_there),),
    ),
)
