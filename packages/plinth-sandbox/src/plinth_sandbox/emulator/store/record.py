"""Records of the fallback store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def now() -> datetime:
    """Returns the time as naive UTC, as moto's serialisers expect it. During a replay it is the time in the journal."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Place:
    """The account, region and service of a record. A name may exist once in each place."""

    account: str
    region: str
    service: str


@dataclass(slots=True)
class Record:
    place: Place
    noun: str
    values: dict[str, Any]
    """Values by member name: those of the request, and those that the store generated (identifiers, ARN, defaults)."""
    arn: str
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=now)
    changed: datetime = field(default_factory=now)

    def look_up(self, member: str) -> Any:
        """Returns the value of ``member``. Case is ignored, and the noun may precede the name (Name,
        UserProfileName)."""
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
        """Returns the record whose members equal ``identifiers``. An ARN is accepted instead of a name."""
        for record in self.records(place, noun):
            if all(value in (record.look_up(member), record.arn) for member, value in identifiers.items()):
                return record
        return None

    def by_arn(self, account: str, arn: str) -> Record | None:
        return next((r for r in self.everywhere() if r.arn == arn and r.place.account == account), None)

    def tags_beside(self, account: str, arn: str) -> dict[str, str]:
        """Returns stored tags of a resource that moto manages without its tags."""
        return self._tags.setdefault((account, arn), {})
