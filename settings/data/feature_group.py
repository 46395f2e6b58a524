"""Settings of a feature group: features defined once for training and inference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from settings.data.dataset import Classification, Exposure
from settings.types import data_grammar
from settings.types.kinds import Environment
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import Checked, EmailAddress, FeatureGroupName, FeatureName, List, TeamName, within

FeatureType = Literal["string", "integral", "fractional"]
Description = Annotated[str, Checked(data_grammar.feature_group_description, {"minLength": 0, "maxLength": 128})]

FOLDER = "features"
"""Folder of offline stores in the curated zone, and the name of their database."""
MAX_FEATURES = 2500
"""Maximum features of a feature group (SageMaker API, CreateFeatureGroup)."""


class Feature(Settings):
    """A feature, which has the same name in the online and the offline store."""

    name: FeatureName = Field(description="Lower-case letters, digits and underscores.", examples=["payments_1h"])
    type: FeatureType = Field(description="string, integral (64 bits) or fractional.", examples=["integral"])
    personal: bool = Field(
        default=False, description="Whether the feature is personal data. Experimentation then never reads it."
    )


class FeatureGroup(Settings):
    """A SageMaker feature group, with an online store for inference and an offline store for training."""

    FROM_FILE_NAME = frozenset({"name"})

    name: FeatureGroupName = Field(
        description="The name of the group, from its stack's name.", json_schema_extra=IMMUTABLE
    )
    owner: EmailAddress = Field(
        description="Address of the person responsible for the features and for sharing them.",
        examples=["fraud-features@acme.example"],
    )
    description: Annotated[str, Checked(data_grammar.feature_group_description, {"minLength": 0, "maxLength": 128})] = (
        Field(default="", description="Description of the feature group.", json_schema_extra=IMMUTABLE)
    )
    classification: Classification = Field(
        description="How much harm unauthorised reading does: public, internal, confidential, restricted.",
        examples=["confidential"],
    )
    features: List[Feature] = Field(
        description="The features, including the record identifier and the event time.", json_schema_extra=IMMUTABLE
    )
    record_identifier: FeatureName = Field(
        description="The feature that identifies a record.", json_schema_extra=IMMUTABLE, examples=["card"]
    )
    event_time: FeatureName = Field(
        description="The feature with the event time: a string in ISO 8601, or fractional seconds since 1970.",
        json_schema_extra=IMMUTABLE,
        examples=["observed_at"],
    )
    online: bool = Field(
        default=True,
        description="Whether there is an online store, which returns the latest record of each identifier within "
        "milliseconds.",
        json_schema_extra=IMMUTABLE,
    )
    ttl_hours: Annotated[int, within(1, 87_600, "hours")] | None = Field(
        default=None,
        description="Hours that a record stays in the online store after its event time. Default: no limit.",
    )
    offline: bool = Field(
        default=True,
        description="Whether there is an offline store, a table in the lake with every record.",
        json_schema_extra=IMMUTABLE,
    )
    table_format: Literal["iceberg", "glue"] = Field(
        default="iceberg", description="Table format of the offline store.", json_schema_extra=IMMUTABLE
    )
    anonymised: List[FeatureName] = Field(
        default=(), description="Features that experimentation may read from the offline store. Default: none."
    )
    approved: bool = Field(
        default=False,
        description="The owner allows experimentation to read all features in both stores. Not allowed with personal "
        "features.",
    )
    written_by: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments whose jobs may write records, by team. Jobs of the data lake may always write.",
    )
    shared_with: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments that may read both stores, by team. Experimentation reads anonymised or approved "
        "features.",
    )

    @property
    def stack(self) -> str:
        """The name of the group's stack."""
        return f"features--{self.name}"

    @property
    def table(self) -> str:
        """The name of the offline store's table, in a form that needs no quotes in SQL."""
        return self.name.replace("-", "_")

    @property
    def prefix(self) -> str:
        """The folder of the offline store in the curated zone."""
        return f"{FOLDER}/{self.name}/"

    @property
    def exposure(self) -> Exposure:
        """The exposure of the whole table. Anonymised features have their own tag value."""
        return "approved" if self.approved else "raw"

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams that read or write the feature group."""
        return tuple(sorted({*self.written_by, *self.shared_with}))
