"""Snapshots of DB instances and DB clusters, with the values of the database. ``executors.rds`` keeps the data of DB
instances, and those of clusters are not kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.rds.patches import groups, requests
from plinth_sandbox.emulator.store.record import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshots:
    """The snapshots of one kind of database."""

    noun: str
    """Kind of a snapshot in names of members (``DBSnapshot``)."""
    of: str
    """Kind of its database (``DBInstance``)."""
    arn: str
    """Kind of a snapshot in its ARN."""
    exists: str
    """Error code of a name that is taken."""
    copied: tuple[str, ...]
    """Members of the database that a snapshot has, too, besides the engine, the key and the name."""
    encrypted: str
    """Member of a snapshot that says whether the storage was encrypted."""

    hidden: tuple[str, ...] = ()
    """Members of the database that a restored one needs and no answer contains."""

    def keep(self, exchange: Exchange, database: Record, name: str, tags: Mapping[str, str] | None = None) -> Record:
        """Keeps a snapshot of a database and returns it. Raises AwsError for a name that is taken or not valid."""
        identifier = f"{self.noun}Identifier"
        requests.check_identifier(name, identifier)
        if exchange.kept(self.noun, {identifier: name}) is not None:
            message = f"Cannot create the snapshot because a snapshot with the identifier {name} already exists."
            raise AwsError(self.exists, message)
        copied = (f"{self.of}Identifier", "Engine", "EngineVersion", "KmsKeyId", *self.copied, *self.hidden)
        values = {member: database.values[member] for member in copied if member in database.values}
        values |= {identifier: name, "SnapshotType": "manual", "Status": "available"}
        values[self.encrypted] = database.values["StorageEncrypted"]
        own = dict(database.tags) if database.values["CopyTagsToSnapshot"] else {}
        arn = groups.arn_of(exchange, self.arn, name)
        record = Record(exchange.place, self.noun, values, arn, own | dict(tags or {}))
        exchange.memory.store.add(record)
        return record

    def described_as(self, record: Record) -> dict[str, Any]:
        """Returns a snapshot as RDS describes it."""
        shown = {member: value for member, value in record.values.items() if member not in self.hidden}
        return {
            **shown,
            f"{self.noun}Arn": record.arn,
            "SnapshotCreateTime": record.created,
            "PercentProgress": 100 if record.values["Status"] == "available" else 0,
            "TagList": [{"Key": key, "Value": value} for key, value in record.tags.items()],
        }

    def described(self, exchange: Exchange) -> list[dict[str, Any]]:
        """Returns the snapshots that a request asks for, by their name, by that of the database, or all."""
        names = (f"{self.noun}Identifier", f"{self.of}Identifier")
        asked = {member: exchange.call.parameters.get(member) for member in names}
        return [
            self.described_as(record)
            for record in exchange.memory.store.records(exchange.place, self.noun)
            if all(value in (None, record.values[member]) for member, value in asked.items())
        ]
