"""A group of features: what models learn from and are asked with, defined once for both."""

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
"""Of the curated zone, and the name of the database in which offline stores are found."""
MAX_FEATURES = 2500
"""Of one group (SageMaker API, CreateFeatureGroup)."""


class Feature(Settings):
    """A feature, under the same name online and offline."""

    name: FeatureName = Field(
        description="Lower-case letters, digits and underscores, as SQL takes it.", examples=["payments_1h"]
    )
    type: FeatureType = Field(description="string, integral (64 bits) or fractional.", examples=["integral"])
    personal: bool = Field(
        default=False, description="Whether it says something about a person; experiments then never read it."
    )


class FeatureGroup(Settings):
    """Features of one kind of thing, kept online for predictions and offline for training."""

    FROM_FILE_NAME = frozenset({"name"})

    name: FeatureGroupName = Field(
        description="The name of the group, from its stack's name.", json_schema_extra=IMMUTABLE
    )
    owner: EmailAddress = Field(
        description="Who answers for the features, and for whom they are let go to.",
        examples=["fraud-features@acme.example"],
    )
    description: Annotated[str, Checked(data_grammar.feature_group_description, {"minLength": 0, "maxLength": 128})] = (
        Field(default="", description="What is in it, for people who search.", json_schema_extra=IMMUTABLE)
    )
    classification: Classification = Field(
        description="How much harm it does when others read it: public, internal, confidential, restricted.",
        examples=["confidential"],
    )
    features: List[Feature] = Field(
        description="The features, the record identifier and the event time among them.", json_schema_extra=IMMUTABLE
    )
    record_identifier: FeatureName = Field(
        description="The feature that says whose record it is.", json_schema_extra=IMMUTABLE, examples=["card"]
    )
    event_time: FeatureName = Field(
        description="The feature that says when it was so: a string in ISO 8601, or fractional seconds since 1970.",
        json_schema_extra=IMMUTABLE,
        examples=["observed_at"],
    )
    online: bool = Field(
        default=True,
        description="Keep the latest record of each identifier, to be read within milliseconds.",
        json_schema_extra=IMMUTABLE,
    )
    ttl_hours: Annotated[int, within(1, 87_600, "hours")] | None = Field(
        default=None, description="Hours after its event time that a record stays online. Default: for good."
    )
    offline: bool = Field(
        default=True, description="Keep every record in the lake, as a table.", json_schema_extra=IMMUTABLE
    )
    table_format: Literal["iceberg", "glue"] = Field(
        default="iceberg", description="How the offline table is kept.", json_schema_extra=IMMUTABLE
    )
    anonymised: List[FeatureName] = Field(
        default=(), description="Features that experiments read of the offline store. Default: none."
    )
    approved: bool = Field(
        default=False,
        description="The owner lets experiments read all of it, online too. Never where it names persons.",
    )
    written_by: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments of teams whose jobs put records into it, beside jobs in the lake's own account.",
    )
    shared_with: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments of teams that read it, online and offline. Experimentation reads what is anonymised, "
        "or what is approved.",
    )

    @property
    def stack(self) -> str:
        """The name of the group's stack."""
        return f"features--{self.name}"

    @property
    def table(self) -> str:
        """The name of its offline store in the database of features, as SQL takes it."""
        return self.name.replace("-", "_")

    @property
    def prefix(self) -> str:
        """The folder of its offline store in the curated zone."""
        return f"{FOLDER}/{self.name}/"

    @property
    def exposure(self) -> Exposure:
        """What the whole of it is tagged as; features that experiments read are tagged apart."""
        return "approved" if self.approved else "raw"

    @property
    def teams(self) -> tuple[str, ...]:
        """Teams that have to do with it."""
        return tuple(sorted({*self.written_by, *self.shared_with}))
