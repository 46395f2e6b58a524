"""A dataset in the Glue Data Catalog, with the LF-tags that control access to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from settings.data.dataset import Column, Dataset
from settings.data.lake import Part
from settings.derived.lineage import catalog_parameters
from settings.derived.sharing import CELL_FILTER, column_tags, table_tags

FORMATS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "parquet": (
            "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        ),
        "csv": (
            "org.apache.hadoop.mapred.TextInputFormat",
            "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        ),
        "json": (
            "org.apache.hadoop.mapred.TextInputFormat",
            "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "org.openx.data.jsonserde.JsonSerDe",
        ),
    }
)
"""Hive classes of each format: input, output, serializer (Athena User Guide, "Choose a SerDe")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedDatasetArgs:
    """Arguments of :class:`PublishedDataset`."""

    dataset: Dataset
    """Settings of the dataset: its content and consumers."""

    account_id: pulumi.Input[str]
    """Id of the data lake account, whose Glue Data Catalog contains the tables."""

    bucket_name: pulumi.Input[str]
    """Name of the zone's bucket."""

    databases: Mapping[Part, pulumi.Input[str]]
    """Name of each part's database."""

    filtered_readers: Mapping[str, pulumi.Input[str]]
    """ARNs, by a name of each, of the roles that read the anonymised variant if it leaves out rows, because LF-tags
    cannot select rows."""


class PublishedDataset(pulumi.ComponentResource):
    """One table per part of a dataset, with LF-tags that describe it and its consumers.

    Readers get access by LF-tags: a team's grants match tables that carry the team's tag. If the anonymised variant
    leaves out rows, its readers are granted a data filter instead, because LF-tags apply to columns at most.

    Creates: a table in each part's database; its LF-tags; LF-tags for each set of columns that differ from the table's;
    if rows are left out, the data cells filter and one grant on it per reader.

    Outputs: ``locations``.

    Cost: none.

    Example::

        PublishedDataset("dataset", PublishedDatasetArgs(
            dataset=dataset, account_id="111111111111", bucket_name="acme-lake-curated-111111111111-eu-west-1-an",
            databases={"historical": "historical", "inference": "inference"}, filtered_readers={},
        ))
    """

    locations: Mapping[Part, pulumi.Output[str]]
    """``s3://…/`` location of each part, known once its table is tagged."""

    def __init__(self, name: str, args: PublishedDatasetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:PublishedDataset", name, None, opts)
        self._name, self._args = name, args
        self.locations = {part: self._publish(part) for part in args.dataset.parts}
        self.register_outputs({"locations": self.locations})

    def _publish(self, part: Part) -> pulumi.Output[str]:
        table = self._table(part)
        tagged = self._tag(part, table)
        for number, (tags, columns) in enumerate(_groups(self._args.dataset)):
            self._tag_columns(part, table, number, tags, columns, after=tagged)
        self._filter(part, table)
        return pulumi.Output.all(self._location(part), tagged.id).apply(lambda known: str(known[0]))

    def _location(self, part: Part) -> pulumi.Output[str]:
        return pulumi.Output.concat("s3://", self._args.bucket_name, f"/{self._args.dataset.prefix(part)}")

    def _table(self, part: Part) -> aws.glue.CatalogTable:
        dataset = self._args.dataset
        return aws.glue.CatalogTable(
            f"{self._name}-{part}",
            name=dataset.table,
            database_name=self._args.databases[part],
            description=dataset.description,
            owner=dataset.owner,
            table_type="EXTERNAL_TABLE",
            parameters={"EXTERNAL": "TRUE", "classification": _kept_as(dataset), **catalog_parameters(dataset)},
            partition_keys=[
                aws.glue.CatalogTablePartitionKeyArgs(name=column.name, type=column.type, comment=column.description)
                for column in dataset.columns
                if column.partition
            ],
            storage_descriptor=self._storage(part),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _storage(self, part: Part) -> aws.glue.CatalogTableStorageDescriptorArgs:
        """Returns the table's storage. Object datasets are cataloged for people to find; no engine reads them as tables
        (DL-05)."""
        dataset = self._args.dataset
        if dataset.kind == "objects":
            return aws.glue.CatalogTableStorageDescriptorArgs(location=self._location(part))
        reads, writes, serializer = FORMATS[dataset.format]
        separator = {"field.delim": ","} if dataset.format == "csv" else None
        return aws.glue.CatalogTableStorageDescriptorArgs(
            location=self._location(part),
            input_format=reads,
            output_format=writes,
            ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                serialization_library=serializer, parameters=separator
            ),
            columns=[
                aws.glue.CatalogTableStorageDescriptorColumnArgs(
                    name=column.name, type=column.type, comment=column.description
                )
                for column in dataset.columns
                if not column.partition
            ],
        )

    def _tag(self, part: Part, table: aws.glue.CatalogTable) -> aws.lakeformation.ResourceLfTags:
        return aws.lakeformation.ResourceLfTags(
            f"{self._name}-{part}-tags",
            table=aws.lakeformation.ResourceLfTagsTableArgs(database_name=table.database_name, name=table.name),
            lf_tags=_lf_tags(table_tags(self._args.dataset, part)),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _tag_columns(
        self,
        part: Part,
        table: aws.glue.CatalogTable,
        number: int,
        tags: Mapping[str, str],
        columns: Sequence[str],
        *,
        after: pulumi.Resource,
    ) -> None:
        aws.lakeformation.ResourceLfTags(
            f"{self._name}-{part}-columns-{number}",
            table_with_columns=aws.lakeformation.ResourceLfTagsTableWithColumnsArgs(
                database_name=table.database_name, name=table.name, column_names=list(columns)
            ),
            lf_tags=_lf_tags(tags),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )

    def _filter(self, part: Part, table: aws.glue.CatalogTable) -> None:
        variant = self._args.dataset.anonymised
        if part != "historical" or variant is None or variant.rows is None:
            return
        data = aws.lakeformation.DataCellsFilterTableDataArgs(
            table_catalog_id=self._args.account_id,
            database_name=table.database_name,
            table_name=table.name,
            name=CELL_FILTER,
            column_names=list(variant.columns),
            row_filter=aws.lakeformation.DataCellsFilterTableDataRowFilterArgs(filter_expression=variant.rows),
        )
        made = aws.lakeformation.DataCellsFilter(
            f"{self._name}-{part}-variant", table_data=data, opts=pulumi.ResourceOptions(parent=self)
        )
        for reader, arn in self._args.filtered_readers.items():
            aws.lakeformation.Permissions(
                f"{self._name}-{part}-variant-{reader}",
                principal=arn,
                permissions=["SELECT"],
                data_cells_filter=aws.lakeformation.PermissionsDataCellsFilterArgs(
                    table_catalog_id=self._args.account_id,
                    database_name=table.database_name,
                    table_name=table.name,
                    name=CELL_FILTER,
                ),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[made]),
            )


def _kept_as(dataset: Dataset) -> str:
    return dataset.format if dataset.kind == "table" else "objects"


def _groups(dataset: Dataset) -> list[tuple[Mapping[str, str], list[str]]]:
    """Groups columns with the same LF-tags, ordered by their first column. Columns tagged like their table are left
    out."""
    groups: dict[tuple[tuple[str, str], ...], list[Column]] = {}
    for column in dataset.columns:
        if tags := column_tags(dataset, column):
            groups.setdefault(tuple(tags.items()), []).append(column)
    return [(dict(tags), sorted(column.name for column in columns)) for tags, columns in groups.items()]


def _lf_tags(tags: Mapping[str, str]) -> list[aws.lakeformation.ResourceLfTagsLfTagArgs]:
    return [aws.lakeformation.ResourceLfTagsLfTagArgs(key=key, value=value) for key, value in sorted(tags.items())]
