"""A dataset of the lake: what is in it, whose it is, and who reads what of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from settings.data.etl import EtlUnit
from settings.data.lake import PARTS, Part
from settings.types import data_grammar
from settings.types.kinds import Environment
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import Checked, DatasetName, EmailAddress, List, TeamName

Classification = Literal["public", "internal", "confidential", "restricted"]
"""How much harm it does when others read it."""
Exposure = Literal["raw", "anonymised", "approved"]
"""raw: as it was taken in. anonymised: without persons. approved: let go as it is, by its owner's word."""

ColumnName = Annotated[str, Checked(data_grammar.column_name, {"pattern": "^[a-z_][a-z0-9_]{0,254}$"})]
ColumnType = Annotated[str, Checked(data_grammar.column_type, {"pattern": "^[a-z]"})]
RowFilter = Annotated[str, Checked(data_grammar.row_filter, {"minLength": 1, "maxLength": 2048})]


class Column(Settings):
    """A column of a table."""

    name: ColumnName = Field(description="Lower-case letters, digits and underscores.", examples=["amount"])
    type: ColumnType = Field(
        description="A type of Hive: `string`, `bigint`, `decimal(12,2)`, `array<string>`.", examples=["string"]
    )
    description: str = Field(default="", description="What it says, for people who search the catalogue.")
    classification: Classification | None = Field(default=None, description="Default: that of the dataset.")
    personal: bool = Field(
        default=False, description="Whether it says something about a person; it is then in no anonymised variant."
    )
    partition: bool = Field(default=False, description="Whether the objects lie in a folder for each value of it.")


class Anonymised(Settings):
    """The variant of a table that experiments may read."""

    columns: List[ColumnName] = Field(description="The columns that are left, none of which says who it is about.")
    rows: RowFilter | None = Field(
        default=None,
        description="Which rows are left, as a condition on columns: `country <> 'LI'`. Default: all.",
        examples=["country <> 'LI'"],
    )


class Dataset(Settings):
    """One table, or one folder of objects, published in parts and shared by tags."""

    FROM_FILE_NAME = frozenset({"name"})

    name: DatasetName = Field(
        description="The name of the dataset, from its stack's name.", json_schema_extra=IMMUTABLE
    )
    owner: EmailAddress = Field(
        description="Who answers for the data, and for whom it is let go to.", examples=["cards-data@acme.example"]
    )
    description: str = Field(default="", description="What is in it, for people who search the catalogue.")
    classification: Classification = Field(
        description="How much harm it does when others read it: public, internal, confidential, restricted.",
        examples=["confidential"],
    )
    kind: Literal["table", "objects"] = Field(
        default="table",
        description="One table, or one folder of objects such as images.",
        json_schema_extra=IMMUTABLE,
    )
    format: Literal["parquet", "csv", "json"] = Field(default="parquet", description="How a table's objects are kept.")
    zone: Literal["curated", "results"] = Field(
        default="curated",
        description="Where it lies: what the lake's jobs made, or what models returned.",
        json_schema_extra=IMMUTABLE,
    )
    parts: List[Part] = Field(
        default=PARTS, description="Parts that it is published in: what models train on, and what they infer from."
    )
    columns: List[Column] = Field(default=(), description="The columns of a table, in their order.")
    anonymised: Anonymised | None = Field(
        default=None, description="The variant that experiments read. Default: there is none."
    )
    approved: bool = Field(
        default=False, description="The owner lets experiments read all of it as it is. Never where it names persons."
    )
    shared_with: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments of teams that read it. Experimentation reads the anonymised variant, or what is "
        "approved.",
    )
    returned_by: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments of teams whose jobs lay down what their models found, of which the unit makes the "
        "dataset: in the landing zone under `results/<dataset>/<team>/<environment>/`. They write there and read "
        "nothing back. Only with `zone: results`, never experimentation.",
    )
    pushed_to: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments of `shared_with` into whose ML bucket the dataset's job writes besides, under "
        "`pushed/<dataset>/`. Default: none, they fetch what they need. Never experimentation.",
    )
    etl: EtlUnit | None = Field(
        default=None, description="How it is made of what landed. Default: others write it to its folders."
    )

    @property
    def stack(self) -> str:
        """The name of the dataset's stack."""
        return f"data-lake--{self.name}"

    @property
    def table(self) -> str:
        """The name of its table in each part's database, as SQL takes it."""
        return self.name.replace("-", "_")

    @property
    def landing_database(self) -> str:
        """Where a crawler catalogues what the dataset is made of."""
        return f"landing_{self.table}"

    @property
    def exposure(self) -> Exposure:
        """What the whole of it is tagged as; columns of an anonymised variant are tagged apart."""
        return "approved" if self.approved else "raw"

    @property
    def teams(self) -> tuple[str, ...]:
        """Everybody who has to do with it."""
        return tuple(sorted({*self.shared_with, *self.returned_by}))

    def prefix(self, part: Part) -> str:
        """The folder of a part in its zone."""
        return f"{self.name}/{part}/"

    def classification_of(self, column: Column) -> Classification:
        return column.classification or self.classification

    @property
    def anonymous_columns(self) -> tuple[str, ...]:
        """Columns that experiments read of every row, where the variant leaves no rows out."""
        return self.anonymised.columns if self.anonymised and self.anonymised.rows is None else ()
