"""Last snapshots of deleted DB instances and DB clusters. They keep values of the database, and not its data."""

from __future__ import annotations

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

    def keep(self, exchange: Exchange, database: Record, name: str) -> None:
        """Keeps a snapshot of a database. Raises AwsError for a name that is taken or not valid."""
        identifier = f"{self.noun}Identifier"
        requests.check_identifier(name, identifier)
        if exchange.kept(self.noun, {identifier: name}) is not None:
            message = f"Cannot create the snapshot because a snapshot with the identifier {name} already exists."
            raise AwsError(self.exists, message)
        copied = (f"{self.of}Identifier", "Engine", "EngineVersion", "KmsKeyId", *self.copied)
        values = {member: database.values[member] for member in copied if member in database.values}
        values |= {identifier: name, "SnapshotType": "manual", "Status": "available"}
        values[self.encrypted] = database.values["StorageEncrypted"]
        tags = dict(database.tags) if database.values["CopyTagsToSnapshot"] else {}
        arn = groups.arn_of(exchange, self.arn, name)
        exchange.memory.store.add(Record(exchange.place, self.noun, values, arn, tags))

    def described(self, exchange: Exchange) -> list[dict[str, Any]]:
        """Returns the snapshots that a request asks for, by their name, by that of the database, or all."""
        names = (f"{self.noun}Identifier", f"{self.of}Identifier")
        asked = {member: exchange.call.parameters.get(member) for member in names}
        return [
            {**record.values, f"{self.noun}Arn": record.arn, "SnapshotCreateTime": record.created}
            for record in exchange.memory.store.records(exchange.place, self.noun)
            if all(value in (None, record.values[member]) for member, value in asked.items())
        ]
