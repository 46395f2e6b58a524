"""Generates docs/reference/settings.md, a table of every setting, from the models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from settings.data.data_api import DataApi
from settings.data.dataset import Anonymised, Column, Dataset
from settings.data.etl import EtlUnit
from settings.data.feature_group import Feature, FeatureGroup
from settings.data.glue_step import GlueStep
from settings.data.intake import FreshFeatures, Intake
from settings.data.lake import LakeSettings
from settings.derived.immutable_fields import is_immutable
from settings.organization.accepted_finding import AcceptedFinding
from settings.organization.account import AccountSettings
from settings.organization.address_plan import AddressPlan
from settings.organization.audit import AuditSettings
from settings.organization.cluster.ci_runners import CiSettings, CiTeamSettings
from settings.organization.cluster.proxy import ProxySettings
from settings.organization.cluster.tooling_cluster import (
    ClusterSettings,
    LoadBalancerSettings,
    NamespaceSettings,
    PortalSettings,
    StackRunnerSettings,
)
from settings.organization.cluster.tracking_server import PrivateLinkSettings, TrackingServerSettings
from settings.organization.contacts import Contact
from settings.organization.images.image_settings import ImageSettings
from settings.organization.images.platform_image import PlatformImageSettings
from settings.organization.images.vulnerability_waiver import VulnerabilityWaiver
from settings.organization.minimum_gate import MinimumGate
from settings.organization.operations.request_runner import RequestRunnerSettings, ServerlessWorkflows, WorkflowDatabase
from settings.organization.organization import Organization
from settings.organization.packages import PackageSettings
from settings.organization.placement import Placement
from settings.organization.region_exception import RegionException
from settings.organization.reviews import GithubIds, GithubSettings, ReviewSettings
from settings.organization.source import SourceSettings
from settings.organization.template import TemplateSettings
from settings.organization.waiver import Waiver
from settings.team.delivery import DeliverySettings
from settings.team.emr import EmrSettings
from settings.team.retention import Retention
from settings.team.retraining import RetrainingSettings
from settings.team.studio import CanvasSettings, StudioImage, StudioLimits, StudioSettings, StudioUser
from settings.team.team import EnvironmentSettings, Team
from settings.team.use_case import UseCaseSettings
from settings.types.model import Settings

_MODELS: Mapping[str, type[Settings]] = {
    "`plinth:organization` in `Pulumi.yaml`": Organization,
    "`address_plan` of the organization": AddressPlan,
    "`placement` of the organization": Placement,
    "`plinth:team` in `Pulumi.<team>.yaml`": Team,
    "`use_cases.<name>` of a team": UseCaseSettings,
    "`use_cases.<name>.delivery` of a team": DeliverySettings,
    "`retraining` of a delivery": RetrainingSettings,
    "`source` of the organization or a delivery": SourceSettings,
    "`packages` of the organization": PackageSettings,
    "`images` of the organization": ImageSettings,
    "`images.waivers` of the organization, a list": VulnerabilityWaiver,
    "`platform_image` of the organization": PlatformImageSettings,
    "`tooling_cluster` of the organization": ClusterSettings,
    "`namespaces` of the cluster": NamespaceSettings,
    "`load_balancer` of a namespace": LoadBalancerSettings,
    "`runner` of the cluster": StackRunnerSettings,
    "`mlflow` of the cluster": TrackingServerSettings,
    "`mlflow.private_link` of the cluster": PrivateLinkSettings,
    "`portal` of the cluster": PortalSettings,
    "`ci` of the cluster": CiSettings,
    "`ci.teams.<name>` of the cluster": CiTeamSettings,
    "`portal.proxy` and `ci.proxy` of the cluster": ProxySettings,
    "`request_runner` of the organization": RequestRunnerSettings,
    "`request_runner.serverless_workflows` of the organization": ServerlessWorkflows,
    "`request_runner.workflows` of the organization": WorkflowDatabase,
    "`templates.<name>` of the organization": TemplateSettings,
    "`retention.<class>` of an environment or a use case": Retention,
    "`minimum_gates.<metric>` of the organization or a delivery": MinimumGate,
    "`audit` of the organization": AuditSettings,
    "`reviews` of the organization": ReviewSettings,
    "`reviews.github` of the organization": GithubSettings,
    "`reviews.github.ids` of the organization": GithubIds,
    "`region_exceptions` of the organization, a list": RegionException,
    "`waivers` of the organization, a list": Waiver,
    "`accepted_findings` of the organization, a list": AcceptedFinding,
    "`lake` of the organization": LakeSettings,
    "`contacts.<kind>` of the organization": Contact,
    "`accounts.<kind>` of the organization or a team": AccountSettings,
    "`plinth:environment` in `Pulumi.<team>-<environment>.yaml`": EnvironmentSettings,
    "`studio` of an environment": StudioSettings,
    "`studio.users.<name>` of an environment": StudioUser,
    "`studio.limits.<persona>` of an environment": StudioLimits,
    "`studio.images.<name>` of an environment": StudioImage,
    "`studio.canvas` of an environment": CanvasSettings,
    "`emr` of an environment": EmrSettings,
    "`intake.<name>` of an environment": Intake,
    "`intake.<name>.fresh_features` of an environment": FreshFeatures,
    "`data_api` of an environment": DataApi,
    "`glue_steps.<name>` of an environment": GlueStep,
    "`plinth:dataset` in `Pulumi.data-lake--<dataset>.yaml`": Dataset,
    "`columns` of a dataset": Column,
    "`anonymised` of a dataset": Anonymised,
    "`etl` of a dataset": EtlUnit,
    "`plinth:feature-group` in `Pulumi.features--<group>.yaml`": FeatureGroup,
    "`features` of a feature group": Feature,
}
_HEAD = """\
# Settings

All fields of all settings files. *Fixed* means that the field cannot change after the first deployment.
The [configuration guide](../guides/configuration.md) explains how to use them.
Generated from the models in `settings/` by `python -m settings.files.schema`.
"""
_MOST_LISTED = 6
"""Maximum length of a list of allowed values on the page. The JSON Schema has longer lists."""


def settings_page() -> str:
    """Returns the contents of the page."""
    return "\n".join([_HEAD, *(_table(title, model) for title, model in _MODELS.items())])


def _table(title: str, model: type[Settings]) -> str:
    properties = _properties(model)
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    rows = [
        f"| `{name}` | {_default(field)} | {', '.join(_limits(properties[name]))} | {_description(field)} |"
        for name, field in fields.items()
        if name not in model.FROM_FILE_NAME
    ]
    return "\n".join([f"## {title}\n", "| setting | default | allowed | |", "|---|---|---|---|", *rows, ""])


def _properties(model: type[Settings]) -> Mapping[str, Any]:
    """Returns the schema of each field, also of a model that has a short form."""
    schema = model.model_json_schema()
    forms = schema.get("anyOf", [schema])
    return next(form["properties"] for form in forms if "properties" in form)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    default = field.get_default(call_default_factory=True)
    if isinstance(default, Settings) or default in (None, (), {}):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yields the limits in a field's schema as text."""
    schema = next((form for form in schema.get("anyOf", []) if form.get("type") != "null"), schema)
    enum = schema.get("enum", [])
    if enum and len(enum) <= _MOST_LISTED:
        yield ", ".join(f"`{value}`" for value in enum)
    if "minimum" in schema:
        yield f"{schema['minimum']:,} to {schema['maximum']:,}"
    if schema.get("type") == "string" and "maxLength" in schema:
        yield f"{schema.get('minLength', 0)} to {schema['maxLength']} characters"


def _description(field: FieldInfo) -> str:
    return f"{field.description} *Fixed.*" if is_immutable(field) else str(field.description)
