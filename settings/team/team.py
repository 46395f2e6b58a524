"""A team and its four environments. Written in the team's stack file, and in one file per environment."""

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
from settings.types.kinds import WORKPLACES, Environment, Kind
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
    one_of,
    within,
)

LOG_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""What CloudWatch Logs takes (PutRetentionPolicy)."""


PACKAGE_INDEXES = ("pypi.org", "files.pythonhosted.org", "conda.anaconda.org", "repo.anaconda.com")
"""Where Python's libraries come from, which is what experiments need of the internet."""


class Team(Settings):
    """A business unit or team that owns one set of four environments and pays its own bill."""

    FROM_FILE_NAME = frozenset({"name"})

    name: TeamName = Field(description="The name of the team's stack.", json_schema_extra=IMMUTABLE)
    owner: EmailAddress = Field(
        description="Who answers for the team and its bill.", examples=["fraud-owner@acme.example"]
    )
    cost_centre: CostCentre = Field(
        description="Where the bill goes. Quoted, so that leading zeros stay.", examples=["4711"]
    )
    cidr: Cidr = Field(
        description="The team's addresses, a quarter per environment: /16 to /22.",
        examples=["10.1.0.0/19"],
        json_schema_extra=IMMUTABLE,
    )
    monthly_budget_usd: Annotated[int, within(1, 10_000_000, "US dollars a month")] = Field(
        description="Whole US dollars a month for all four environments; the owner is warned before it is reached.",
        examples=[5000],
    )
    accounts: Mapping[Environment, AccountSettings] = Field(
        default_factory=dict, description="Accounts of the team to adopt or to name otherwise."
    )
    placement: Mapping[Environment, Kind] = Field(
        default_factory=dict,
        description="Environments whose accounts are others than the organization's placement says: those that they "
        "were deployed to before it changed.",
    )
    use_cases: Mapping[UseCaseName, UseCaseSettings] = Field(
        default_factory=dict,
        description="The team's ML products. Each has a folder of its own in the ML buckets of all its environments.",
    )
    tags: Mapping[TagKey, TagValue] = Field(default_factory=dict, description="Tags on every resource of the team.")


class EnvironmentSettings(Settings):
    """One environment of a team. Every field has a default; the defaults are the secure choice."""

    FROM_FILE_NAME = frozenset({"team", "environment"})

    team: TeamName = Field(description="The team, from the stack's name.", json_schema_extra=IMMUTABLE)
    environment: Environment = Field(
        description="Which environment, from the stack's name.", json_schema_extra=IMMUTABLE
    )
    zones: Annotated[int, within(2, 3, "Availability Zones")] = Field(
        default=2,
        description="Availability Zones of the network. Each one more adds its interface endpoints to the bill.",
    )
    internet_access: bool = Field(
        default=False, description="A way out to the internet, through NAT gateways. Experimentation only."
    )
    allowed_domains: List[DomainName] = Field(
        default=PACKAGE_INDEXES,
        description="The only hosts that the way out leads to; a leading dot takes in all hosts under a domain.",
    )
    emr: EmrSettings | None = Field(
        default=None, description="Spark by EMR Serverless. Default: none; queries by Athena are there anyway."
    )
    studio: StudioSettings = Field(default_factory=StudioSettings, description="SageMaker Studio.")
    intake: Mapping[IntakeName, Intake] = Field(
        default_factory=dict,
        description="Tables of the lake that are copied here for a use case, by name, and what starts each.",
    )
    data_api: DataApi | None = Field(
        default=None, description="Tables of the lake that are served by a private API. Default: there is none."
    )
    glue_steps: Mapping[IntakeName, GlueStep] = Field(
        default_factory=dict,
        description="Steps of pipelines that Glue does and that pipelines wait for, by name. Development only.",
    )
    log_retention_days: Annotated[int, one_of(LOG_RETENTION_DAYS, "days")] = Field(
        default=365, description="Days that logs stay. 365 covers a yearly audit."
    )
    noncurrent_retention_days: Annotated[int, within(1, 3650, "days")] = Field(
        default=90, description="Days that a replaced version of an object stays. 90 covers a quarterly audit."
    )
    retention: RetentionByClass = Field(
        default_factory=dict,
        description="How long the ML bucket keeps what builds leave, by class: feature, develop and main in "
        "experimentation and development, batch in preproduction and production. Default: "
        "[storage](../guides/storage.md#retention).",
    )
    key_deletion_days: Annotated[int, within(7, 30, "days")] = Field(
        default=30, description="Days in which the deletion of the environment's key can be taken back (KMS, 7-30)."
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
        """Whether something is copied here, or a pipeline has Glue do a step."""
        return bool(self.intake or self.glue_steps)

    @property
    def has_studio(self) -> bool:
        """Studio is for people: where nothing is said, they have it in experimentation and development."""
        by_default = self.environment in WORKPLACES
        return by_default if self.studio.enabled is None else self.studio.enabled

    @property
    def tracks_runs(self) -> bool:
        """Tracking belongs to Studio, so it is only there with it."""
        return self.has_studio and self.studio.tracking
