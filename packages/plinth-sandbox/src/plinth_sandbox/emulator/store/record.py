"""What the fallback store keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def now() -> datetime:
    """Naive UTC, as moto's serialisers expect; the journal's time while a call is replayed."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lives. The same name may exist once in each place."""

    account: str
    region: str
    service: str


@dataclass(slots=True)
class Record:
    place: Place
    noun: str
    values: dict[str, Any]
    """By member name: what the client asked for, and what the store made up for it (identifiers, ARN, defaults)."""
    arn: str
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=now)
    changed: datetime = field(default_factory=now)

    def look_up(self, member: str) -> Any:
        """The value of ``member`` whatever its case, and with or without the noun before it (Name, UserProfileName)."""
        folded = {name.lower(): value for name, value in self.values.items()}
        noun, wanted = self.noun.lower(), member.lower()
        spellings = [wanted, f"{noun}{wanted}", wanted.removeprefix(noun)]
        if wanted == "name":
            spellings.append(noun)
        return next((folded[name] for name in spellings if name in folded), None)


class Store:
    """All records of all accounts."""

    def __init__(self) -> None:
        self._records: dict[tuple[Place, str], list[Record]] = {}
        self._tags: dict[tuple[str, str], dict[str, str]] = {}

    def records(self, place: Place, noun: str) -> list[Record]:
        return self._records.get((place, noun), [])

    def everywhere(self) -> Iterator[Record]:
        for records in self._records.values():
            yield from records

    def add(self, record: Record) -> None:
        self._records.setdefault((record.place, record.noun), []).append(record)

    def remove(self, record: Record) -> None:
        self._records[(record.place, record.noun)].remove(record)

    def find(self, place: Place, noun: str, identifiers: Mapping[str, Any]) -> Record | None:
        """The record whose members equal ``identifiers``; an ARN does in the place of a name."""
        for record in self.records(place, noun):
            if all(value in (record.look_up(member), record.arn) for member, value in identifiers.items()):
                return record
        return None

    def by_arn(self, account: str, arn: str) -> Record | None:
        return next((r for r in self.everywhere() if r.arn == arn and r.place.account == account), None)

    def tags_beside(self, account: str, arn: str) -> dict[str, str]:
        """Tags of a thing that moto keeps, where moto does not keep its tags."""
        return self._tags.setdefault((account, arn), {})
