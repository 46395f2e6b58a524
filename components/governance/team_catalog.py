"""The team catalog, with the requests that create and change them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.storage.keyed_table import KeyedTableArgs, keyed_table
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT, TABLE


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamCatalogArgs:
    """Arguments of :class:`TeamCatalog`."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the table."""

    streams: bool = False
    """Whether changes are in a stream of DynamoDB, which starts the runner of requests."""


class TeamCatalog(pulumi.ComponentResource):
    """A table of teams with their accounts, and of requests with their decisions and steps (GOV-04).

    People write requests and decisions under the partition key ``person#<user>``, which IAM compares with the session
    tag of the caller. All other items are the records of stack operations, which no person can write. The index
    ``lookup`` finds teams by account and by owner, and requests by state. The table is protected, because records of
    removed teams stay (GOV-06).

    Creates: the table with on-demand capacity, encryption, point-in-time recovery for 35 days, deletion protection, and
    an index; with ``streams``, a stream.

    Outputs: ``table_name``, ``arn``, ``stream_arn``.

    Cost: about 0.01 USD a month for 200 teams; each request writes about 50 items.

    Example::

        TeamCatalog("catalog", TeamCatalogArgs(key_arn=key.arn))
    """

    table_name: pulumi.Output[str]
    """Name of the table."""
    arn: pulumi.Output[str]
    """ARN of the table."""
    stream_arn: pulumi.Output[str]
    """ARN of the stream, if there is one."""

    def __init__(self, name: str, args: TeamCatalogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:governance:TeamCatalog", name, None, opts)
        table_args = KeyedTableArgs(
            table_name=TABLE,
            partition=PARTITION,
            sort=SORT,
            index=LOOKUP,
            index_key=LOOKUP,
            index_sort=SORT,
            key_arn=args.key_arn,
            streams=args.streams,
        )
        table = keyed_table(name, table_args, self)
        self.table_name, self.arn = table.name, table.arn
        self.stream_arn = table.stream_arn
        self.register_outputs({"table_name": self.table_name, "arn": self.arn, "stream_arn": self.stream_arn})
