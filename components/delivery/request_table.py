"""The table in which lead data scientists request use cases, and in which the results are recorded."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.storage.keyed_table import KeyedTableArgs, keyed_table
from settings.data.request_layout import OPEN, PARTITION, QUEUE, SORT, TABLE


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestTableArgs:
    """Arguments of :class:`RequestTable`."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the table."""


class RequestTable(pulumi.ComponentResource):
    """A table of requests for use cases (TPL-03).

    A lead data scientist writes requests under the partition key ``<team>#<user>``, which IAM compares with the session
    tags of the caller. The records of what was done have the partition key ``<team>``, which no person can write. The
    table is protected, because it is the only record of who requested a use case.

    Creates: the table with on-demand capacity, encryption, point-in-time recovery for 35 days, deletion protection, and
    an index of open requests.

    Outputs: ``table_name``, ``arn``.

    Cost: a few requests cost nothing measurable; a runner that looks for requests each minute costs about 0.01 USD a
    month.

    Example::

        RequestTable("requests", RequestTableArgs(key_arn=key.arn))
    """

    table_name: pulumi.Output[str]
    """Name of the table."""
    arn: pulumi.Output[str]
    """ARN of the table."""

    def __init__(self, name: str, args: RequestTableArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:RequestTable", name, None, opts)
        table_args = KeyedTableArgs(
            table_name=TABLE,
            partition=PARTITION,
            sort=SORT,
            index=OPEN,
            index_key=QUEUE,
            index_sort=SORT,
            key_arn=args.key_arn,
        )
        table = keyed_table(name, table_args, self)
        self.table_name, self.arn = table.name, table.arn
        self.register_outputs({"table_name": self.table_name, "arn": self.arn})
