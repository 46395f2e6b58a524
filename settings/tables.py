"""A table of every setting, drawn from the models as the schemas are: docs/reference/settings.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from settings.account import AccountSettings
from settings.address_plan import AddressPlan
from settings.audit import AuditSettings
from settings.changes import is_immutable
from settings.contacts import Contact
from settings.data_api import DataApi
from settings.dataset import Anonymised, Column, Dataset
from settings.feature_group import Feature, FeatureGroup
from settings.glue_step import GlueStep
from settings.intake import Intake
from settings.lake import LakeSettings
from settings.model import Settings
from settings.organization import Organization
from settings.studio import StudioImage, StudioLimits, StudioSettings, StudioUser
from settings.team import EnvironmentSettings, Team

_MODELS: Mapping[str, type[Settings]] = {
    "`plinth:organization` in `Pulumi.yaml`": Organization,
    "`address_plan` of the organization": AddressPlan,
    "`plinth:team` in `Pulumi.<team>.yaml`": Team,
    "`audit` of the organization": AuditSettings,
    "`lake` of the organization": LakeSettings,
    "`contacts.<kind>` of the organization": Contact,
    "`accounts.<kind>` of the organization or a team": AccountSettings,
    "`plinth:environment` in `Pulumi.<team>-<environment>.yaml`": EnvironmentSettings,
    "`studio` of an environment": StudioSettings,
    "`studio.users.<name>` of an environment": StudioUser,
    "`studio.limits.<persona>` of an environment": StudioLimits,
    "`intake.<name>` of an environment": Intake,
    "`data_api` of an environment": DataApi,
    "`glue_steps.<name>` of an environment": GlueStep,
    "`plinth:dataset` in `Pulumi.data-lake--<dataset>.yaml`": Dataset,
    "`columns` of a dataset": Column,
    "`anonymised` of a dataset": Anonymised,
    "`plinth:feature-group` in `Pulumi.features--<group>.yaml`": FeatureGroup,
    "`features` of a group of features": Feature,
    "`studio.images.<name>` of an environment": StudioImage,
}
_HEAD = """\
# Settings

Every field of every settings file. *Fixed* means that it cannot change after the first deployment.
How they work together is in the [configuration guide](../guides/configuration.md).
Generated from the models in `settings/` by `python -m settings.schema`.
"""
_MOST_LISTED = 6
"""Longer lists of values are left to the editor's schema."""


def settings_page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_table(title, model) for title, model in _MODELS.items())])


def _table(title: str, model: type[Settings]) -> str:
    schema = model.model_json_schema()["properties"]
    rows = [
        f"| `{name}` | {_default(field)} | {', '.join(_limits(schema[name]))} | {_description(field)} |"
        for name, field in model.model_fields.items()
        if name not in model.FROM_FILE_NAME
    ]
    return "\n".join([f"## {title}\n", "| setting | default | allowed | |", "|---|---|---|---|", *rows, ""])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    default = field.get_default(call_default_factory=True)
    if isinstance(default, Settings) or default in (None, (), {}):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    """What the schema says of a value, in words."""
    enum = schema.get("enum", [])
    if enum and len(enum) <= _MOST_LISTED:
        yield ", ".join(f"`{value}`" for value in enum)
    if "minimum" in schema:
        yield f"{schema['minimum']:,} to {schema['maximum']:,}"
    if schema.get("type") == "string" and "maxLength" in schema:
        yield f"{schema['minLength']} to {schema['maxLength']} characters"


def _description(field: FieldInfo) -> str:
    return f"{field.description} *Fixed.*" if is_immutable(field) else str(field.description)
