"""The domain types of settings values, such as ``AccountId`` and ``Cidr``, with the limits that AWS documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Network
from typing import Annotated, Any, TypeVar

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from settings.types import addresses, data_grammar, emails, grammar, regions
from settings.types.error_codes import Code
from settings.types.errors import refusal

T = TypeVar("T")


# Pydantic hashes annotations, and a schema dict is not hashable: instances compare by identity.
@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Adds a check to a type, and the part of the check that an editor can apply to its JSON Schema."""

    check: Callable[[Any], Any]
    schema: dict[str, Any] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), **self.schema}


def within(low: int, high: int, unit: str) -> Checked:
    """Builds a check for a whole number of ``unit`` from ``low`` to ``high`` inclusive."""

    def check(number: int) -> int:
        if low <= number <= high:
            return number
        nearest = low if number < low else high
        raise refusal(Code.OUT_OF_RANGE, f"is outside {low:,} to {high:,} {unit}", f"the nearest is {nearest}")

    return Checked(check, {"minimum": low, "maximum": high})


def matching(pattern: str, rule: str, fix: str) -> Checked:
    """Builds a check for a text that matches a regular expression as a whole.

    Args:
        pattern: Regular expression without anchors.
        rule: What a text that does not match is not.
        fix: What to do about it.
    """

    def check(text: str) -> str:
        if re.fullmatch(pattern, text):
            return text
        raise refusal(Code.FORMAT, rule, fix)

    return Checked(check, {"pattern": f"^{pattern}$"})


def one_of(numbers: tuple[int, ...], unit: str) -> Checked:
    """Builds a check for one of the whole numbers of ``unit`` that a service accepts."""

    def check(number: int) -> int:
        if number in numbers:
            return number
        nearest = min(numbers, key=lambda allowed: abs(allowed - number))
        listed = ", ".join(map(str, numbers))
        raise refusal(
            Code.NOT_ALLOWED,
            f"is not a number of {unit} that the service accepts ({listed})",
            f"the nearest is {nearest}",
        )

    return Checked(check, {"enum": list(numbers)})


def _region(text: str) -> str:
    partition = regions.partition_of(text)
    if partition != "aws":
        raise refusal(
            Code.REGION_PARTITION,
            f"is in the partition {partition}; the organization is in the partition aws",
            f"use {regions.nearest_without_gaps(text)}",
        )
    if text not in regions.REGIONS:
        raise refusal(Code.REGION_UNKNOWN, "is not an AWS region", f"the nearest is {regions.nearest(text)}")
    return text


def _slug_schema(lengths: tuple[int, int]) -> dict[str, Any]:
    return {"pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "minLength": lengths[0], "maxLength": lengths[1]}


AccountId = Annotated[str, Checked(grammar.account_id, {"pattern": "^[0-9]{12}$"})]
AccountName = Annotated[str, Checked(grammar.account_name, {"minLength": 1, "maxLength": 50})]
EmailAddress = Annotated[str, Checked(emails.email, {"minLength": 6, "maxLength": 64})]
EmailPattern = Annotated[str, Checked(emails.email_pattern, {"pattern": r"^[^@]*\{account\}[^@]*@.+\..+$"})]
TeamName = Annotated[str, Checked(grammar.team_name, _slug_schema(grammar.TEAM_LENGTHS))]
ImageName = Annotated[str, Checked(grammar.image_name, _slug_schema(grammar.IMAGE_LENGTHS))]
NamespaceName = Annotated[str, Checked(grammar.namespace_name, _slug_schema(grammar.NAMESPACE_LENGTHS))]
WorkspaceName = Annotated[str, Checked(grammar.workspace_name, _slug_schema(grammar.WORKSPACE_LENGTHS))]
TemplateName = Annotated[str, Checked(grammar.template_name, _slug_schema(grammar.TEMPLATE_LENGTHS))]
UseCaseName = Annotated[str, Checked(grammar.use_case_name, _slug_schema(grammar.USE_CASE_LENGTHS))]
OrganizationName = Annotated[str, Checked(grammar.organization_name, _slug_schema(grammar.ORGANIZATION_LENGTHS))]
CostCentre = Annotated[str, Checked(grammar.cost_centre, {"minLength": 1, "maxLength": 64})]
TagKey = Annotated[str, Checked(grammar.tag_key, {"minLength": 1, "maxLength": 128})]
TagValue = Annotated[str, Checked(grammar.tag_value, {"maxLength": 256})]
Region = Annotated[str, Checked(_region, {"enum": sorted(regions.REGIONS)})]

OrganizationId = Annotated[
    str,
    Checked(
        partial(grammar.organizations_identifier, wanted="an organization id", code=Code.ORGANIZATION_ID),
        {"pattern": "^o-[a-z0-9]{10,32}$"},
    ),
]
OrganizationalUnitId = Annotated[
    str,
    Checked(
        partial(grammar.organizations_identifier, wanted="an organizational unit id", code=Code.ORGANIZATIONAL_UNIT_ID),
        {"pattern": "^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$"},
    ),
]

Cidr = Annotated[
    IPv4Network,
    PlainValidator(addresses.private_network),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}$"}),
]
PublicCidr = Annotated[
    IPv4Network,
    PlainValidator(addresses.public_network),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}$"}),
]
DomainName = Annotated[str, Checked(grammar.domain_name, {"pattern": r"^\.?[a-z0-9-]+(\.[a-z0-9-]+)+$"})]
RoleArn = Annotated[str, Checked(grammar.role_arn, {"pattern": "^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$"})]
DatasetName = Annotated[str, Checked(grammar.dataset_name, _slug_schema(grammar.DATASET_LENGTHS))]
IntakeName = Annotated[str, Checked(grammar.intake_name, _slug_schema(grammar.INTAKE_LENGTHS))]
PipelineName = Annotated[str, Checked(grammar.pipeline_name, _slug_schema(grammar.PIPELINE_LENGTHS))]
FeatureGroupName = Annotated[str, Checked(grammar.feature_group_name, _slug_schema(grammar.DATASET_LENGTHS))]
FeatureName = Annotated[
    str, Checked(data_grammar.feature_name, {"pattern": "^[a-z](_*[a-z0-9])*$", "minLength": 1, "maxLength": 64})
]
UserName = Annotated[
    str,
    Checked(
        grammar.user_name,
        {
            "pattern": f"^{grammar.USER_NAME}$",
            "minLength": grammar.USER_NAME_LENGTHS[0],
            "maxLength": grammar.USER_NAME_LENGTHS[1],
        },
    ),
]
HttpsUrl = Annotated[str, Checked(grammar.https_url, {"pattern": "^https://[^@ ]+$"})]
ImageTag = Annotated[str, Checked(grammar.image_tag, {"pattern": "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"})]
ImageDigest = Annotated[str, Checked(grammar.image_digest, {"pattern": "^sha256:[0-9a-f]{64}$"})]
StudioImageName = Annotated[str, Checked(grammar.studio_image_name, _slug_schema(grammar.STUDIO_IMAGE_LENGTHS))]
StudioRepository = Annotated[str, Checked(grammar.image_repository, {"pattern": "^[a-z0-9]+([._/-][a-z0-9]+)*$"})]
InstanceType = Annotated[str, Checked(grammar.studio_instance_type, {"pattern": r"^ml\.[a-z0-9-]+\.[a-z0-9]+$"})]
NotebookPlatform = Annotated[
    str, Checked(grammar.notebook_platform, {"pattern": "^notebook-[a-z0-9]+-v[0-9]+$", "maxLength": 20})
]
ResourceType = Annotated[str, Checked(grammar.resource_type, {"pattern": f"^{grammar.RESOURCE_TYPE}$"})]
Reason = Annotated[str, Checked(grammar.reason, {"minLength": 5})]
ReservationName = Annotated[str, Checked(grammar.reservation_name, _slug_schema(grammar.RESERVATION_LENGTHS))]

List = Annotated[tuple[T, ...], Field(strict=False)]
"""A list in settings files, kept as an immutable tuple."""
