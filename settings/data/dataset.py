"""Settings of a dataset of the lake: owner, contents, sharing and ETL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from settings.data.column_types import column_type
from settings.data.etl import EtlUnit
from settings.data.lake import PARTS, Part
from settings.types import data_grammar
from settings.types.kinds import Environment
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import Checked, DatasetName, EmailAddress, List, TeamName

Classification = Literal["public", "internal", "confidential", "restricted"]
"""How much harm unauthorised reading does."""
Exposure = Literal["raw", "anonymised", "approved"]
"""raw: as it was ingested. anonymised: without personal data. approved: released unchanged by its owner."""

ColumnName = Annotated[str, Checked(data_grammar.column_name, {"pattern": "^[a-z_][a-z0-9_]{0,254}$"})]
ColumnType = Annotated[str, Checked(column_type, {"pattern": "^[a-z]"})]
RowFilter = Annotated[str, Checked(data_grammar.row_filter, {"minLength": 1, "maxLength": 2048})]


class Column(Settings):
    """A column of a table."""

    name: ColumnName = Field(description="Lower-case letters, digits and underscores.", examples=["amount"])
    type: ColumnType = Field(
        description="A Hive type that Athena reads: `string`, `bigint`, `decimal(12,2)`, `array<string>`. Partition "
        "columns have primitive types.",
        examples=["string"],
    )
    description: str = Field(default="", description="Description in the Glue Data Catalog.")
    classification: Classification | None = Field(
        default=None, description="Classification of the column. Default: the classification of the dataset."
    )
    personal: bool = Field(
        default=False,
        description="Whether the column contains personal data. It is then excluded from the anonymised variant.",
    )
    partition: bool = Field(
        default=False,
        description="Whether the table is partitioned by the column, with a folder for each value. Every reader of the "
        "table sees it, so it must not be hidden from experimentation.",
    )


class Anonymised(Settings):
    """The variant of a table that experimentation may read."""

    columns: List[ColumnName] = Field(description="Columns of the variant. None of them may be `personal`.")
    rows: RowFilter | None = Field(
        default=None,
        description="Rows of the variant, as a SQL condition: `country <> 'LI'`. Default: all.",
        examples=["country <> 'LI'"],
    )


class Dataset(Settings):
    """One table or object dataset, published in parts and shared by LF-tags."""

    FROM_FILE_NAME = frozenset({"name"})

    name: DatasetName = Field(
        description="The name of the dataset, from its stack's name.", json_schema_extra=IMMUTABLE
    )
    owner: EmailAddress = Field(
        description="Address of the person responsible for the data and for sharing it.",
        examples=["cards-data@acme.example"],
    )
    description: str = Field(default="", description="Description in the Glue Data Catalog.")
    classification: Classification = Field(
        description="How much harm unauthorised reading does: public, internal, confidential, restricted.",
        examples=["confidential"],
    )
    kind: Literal["table", "objects"] = Field(
        default="table",
        description="table: one table. objects: an object dataset, which is one folder of objects such as images.",
        json_schema_extra=IMMUTABLE,
    )
    format: Literal["parquet", "csv", "json"] = Field(
        default="parquet", description="File format of a table's objects."
    )
    zone: Literal["curated", "results"] = Field(
        default="curated",
        description="Zone of the lake. curated: output of ETL jobs. results: results returned by models.",
        json_schema_extra=IMMUTABLE,
    )
    parts: List[Part] = Field(
        default=PARTS, description="Published parts. historical: for training. inference: for evaluation and inference."
    )
    columns: List[Column] = Field(default=(), description="Columns of a table, in order.")
    anonymised: Anonymised | None = Field(
        default=None, description="The variant that experimentation reads. Default: none."
    )
    approved: bool = Field(
        default=False,
        description="The owner allows experimentation to read the whole dataset. Not allowed with personal columns.",
    )
    shared_with: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments that may read it, by team. Experimentation reads the anonymised variant, or an "
        "approved dataset.",
    )
    returned_by: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments whose jobs return results for the dataset, by team. They write to "
        "`results/<dataset>/<team>/<environment>/` in the landing zone and cannot read it. The ETL unit loads the "
        "results. Only with `zone: results`, never experimentation.",
    )
    pushed_to: Mapping[TeamName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments of `shared_with` to whose ML bucket the ETL job also writes, under "
        "`pushed/<dataset>/`, by team. Default: none, environments fetch what they need. Never experimentation.",
    )
    etl: EtlUnit | None = Field(
        default=None,
        description="The ETL unit that builds the dataset from landed data. Default: none, the owner writes to its "
        "folders.",
    )

    @property
    def stack(self) -> str:
        """The name of the dataset's stack."""
        return f"data-lake--{self.name}"

    @property
    def table(self) -> str:
        """The name of the table in the database of each part, in a form that needs no quotes in SQL."""
        return self.name.replace("-", "_")

    @property
    def landing_database(self) -> str:
        """The database in which a crawler registers the landed data of the dataset."""
        return f"landing_{self.table}"

    @property
    def exposure(self) -> Exposure:
        """The exposure of the whole table. The columns of an anonymised variant have their own tag value."""
        return "approved" if self.approved else "raw"

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams that read the dataset or return results for it."""
        return tuple(sorted({*self.shared_with, *self.returned_by}))

    def is_shared_with(self, team: str, environment: Environment) -> bool:
        """Returns whether an environment of a team may read the dataset at all."""
        return environment in self.shared_with.get(team, ())

    def prefix(self, part: Part) -> str:
        """Returns the folder of a part in its zone."""
        return f"{self.name}/{part}/"

    def classification_of(self, column: Column) -> Classification:
        return column.classification or self.classification

    @property
    def anonymous_columns(self) -> tuple[str, ...]:
        """The columns of the anonymised variant if it has no row filter. A row filter needs a cell filter instead."""
        return self.anonymised.columns if self.anonymised and self.anonymised.rows is None else ()
