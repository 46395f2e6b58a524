"""Settings of a team, from the team's stack file, and of its four environments, from one stack file each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from settings.data.data_api import DataApi
from settings.data.glue_step import GlueStep
from settings.data.intake import Intake
from settings.organization.account import AccountSettings
from settings.team.emr import EmrSettings
from settings.team.retention import RetentionByClass
from settings.team.studio import StudioSettings
from settings.team.use_case import UseCaseSettings
from settings.types.aws.log_retention import AUDITED_DAYS, LogRetentionDays
from settings.types.kinds import INTERACTIVE_ENVIRONMENTS, Environment, Kind
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import (
    Cidr,
    CostCentre,
    DomainName,
    EmailAddress,
    IntakeName,
    List,
    TagKey,
    TagValue,
    TeamName,
    UseCaseName,
    within,
)

PACKAGE_INDEXES = ("pypi.org", "files.pythonhosted.org", "conda.anaconda.org", "repo.anaconda.com")
"""Hosts of the public Python package indexes, the only internet access that experiments need by default."""


class Team(Settings):
    """A business unit or team that owns four environments and pays its own bill."""

    FROM_FILE_NAME = frozenset({"name"})

    name: TeamName = Field(description="The name of the team's stack.", json_schema_extra=IMMUTABLE)
    owner: EmailAddress = Field(
        description="Address of the person responsible for the team and its bill.",
        examples=["fraud-owner@acme.example"],
    )
    cost_centre: CostCentre = Field(
        description="Cost centre that pays the bill. Quote it to keep leading zeros.", examples=["4711"]
    )
    cidr: Cidr = Field(
        description="The team's address range, /16 to /22. Each environment has a quarter of it.",
        examples=["10.1.0.0/19"],
        json_schema_extra=IMMUTABLE,
    )
    monthly_budget_usd: Annotated[int, within(1, 10_000_000, "US dollars a month")] = Field(
        description="Monthly budget of all four environments in US dollars. The owner is warned before it is reached.",
        examples=[5000],
    )
    accounts: Mapping[Environment, AccountSettings] = Field(
        default_factory=dict,
        description="Accounts of the team that are adopted or have another name or address than the default.",
    )
    placement: Mapping[Environment, Kind] = Field(
        default_factory=dict,
        description="Environments that keep another account than the organization's placement gives them, because "
        "they were deployed before the placement changed.",
    )
    use_cases: Mapping[UseCaseName, UseCaseSettings] = Field(
        default_factory=dict,
        description="The team's ML products. Each has its own folder in the ML buckets of all environments.",
    )
    tags: Mapping[TagKey, TagValue] = Field(default_factory=dict, description="Tags on every resource of the team.")

    @property
    def predicts_in_batches(self) -> bool:
        """Whether the models of any use case predict in batches."""
        return any("batch" in use_case.inference for use_case in self.use_cases.values())


class EnvironmentSettings(Settings):
    """One environment of a team. Every field has a secure default."""

    FROM_FILE_NAME = frozenset({"team", "environment"})

    team: TeamName = Field(description="The team, from the stack's name.", json_schema_extra=IMMUTABLE)
    environment: Environment = Field(description="The environment, from the stack's name.", json_schema_extra=IMMUTABLE)
    zones: Annotated[int, within(2, 3, "Availability Zones")] = Field(
        default=2,
        description="Number of Availability Zones of the network. Each zone adds the cost of its interface endpoints.",
    )
    internet_access: bool = Field(
        default=False, description="Internet access through NAT gateways. Only experimentation may have it."
    )
    allowed_domains: List[DomainName] = Field(
        default=PACKAGE_INDEXES,
        description="The only hosts that can be reached on the internet. A leading dot includes all hosts under a "
        "domain.",
    )
    tracking_server: bool = Field(
        default=False,
        description="Whether the network reaches the MLflow tracking server in the Kubernetes cluster, by an interface "
        "endpoint. The server admits the roles of `tooling_cluster.mlflow.clients`.",
    )
    emr: EmrSettings | None = Field(
        default=None, description="EMR Serverless for Spark. Default: none. Athena is always available."
    )
    studio: StudioSettings = Field(default_factory=StudioSettings, description="SageMaker Studio.")
    intake: Mapping[IntakeName, Intake] = Field(
        default_factory=dict,
        description="Copies of lake tables for a use case, by name, each with its trigger.",
    )
    data_api: DataApi | None = Field(
        default=None, description="A private API that serves tables of the lake. Default: none."
    )
    glue_steps: Mapping[IntakeName, GlueStep] = Field(
        default_factory=dict,
        description="Pipeline steps that Glue runs while the pipeline waits, by name. Development only.",
    )
    log_retention_days: LogRetentionDays = Field(
        default=AUDITED_DAYS, description="Days to keep logs. 365 covers a yearly audit."
    )
    noncurrent_retention_days: Annotated[int, within(1, 3650, "days")] = Field(
        default=90, description="Days to keep replaced object versions. 90 covers a quarterly audit."
    )
    retention: RetentionByClass = Field(
        default_factory=dict,
        description="Retention of objects in the ML bucket by class: builds of feature, develop and main in "
        "experimentation and development; batch and capture in preproduction and production. Default: "
        "[storage](../guides/storage.md#retention).",
    )
    key_deletion_days: Annotated[int, within(7, 30, "days")] = Field(
        default=30, description="Days in which the deletion of the environment's key can be cancelled (KMS, 7-30)."
    )
    tags: Mapping[TagKey, TagValue] = Field(
        default_factory=dict, description="Tags on every resource of the environment."
    )

    @property
    def stack(self) -> str:
        """The name of the environment's stack."""
        return f"{self.team}-{self.environment}"

    @property
    def has_intake_stack(self) -> bool:
        """Whether the environment has an intake stack, which intakes and Glue steps need."""
        return bool(self.intake or self.glue_steps)

    @property
    def has_studio(self) -> bool:
        """Whether the environment has Studio: as ``enabled`` says, or by default where people work interactively."""
        by_default = self.environment in INTERACTIVE_ENVIRONMENTS
        return by_default if self.studio.enabled is None else self.studio.enabled

    @property
    def tracks_runs(self) -> bool:
        """Whether runs are tracked with MLflow, which needs Studio."""
        return self.has_studio and self.studio.tracking
