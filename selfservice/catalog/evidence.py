"""Evidence of decommissioned teams and retired use cases: models, promotions, logs, and what was left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from selfservice.catalog.held_writes import write_held
from selfservice.catalog.items import CatalogItems
from selfservice.errors import RefusedError
from selfservice.request_tables import writes
from settings.data.catalog_layout import EVIDENCE, PARTITION, SEPARATOR, SORT, key_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One fact about a team or a use case that stays when it is gone."""

    kind: str
    """``settings``, ``version``, ``promotion``, ``pipeline``, ``job``, ``log group``, ``residue`` or ``account``."""
    name: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Returns the fact for JSON."""
        return {"kind": self.kind, "name": self.name, **self.details}


@dataclass(frozen=True, slots=True)
class EvidenceRecords:
    """The evidence in the table of one account."""

    items: CatalogItems

    def write(self, team: str, request: str, found: Iterable[Evidence], *, runner: str) -> int:
        """Writes facts under a request, and returns their number. The same facts again change nothing.

        Raises: RefusedError if the runner does not hold the request any more.
        """
        items = {
            (sort := SEPARATOR.join((request, evidence.kind, evidence.name))): {
                PARTITION: key_of(EVIDENCE, team),
                SORT: sort,
                "details": json.dumps(evidence.details, sort_keys=True),
            }
            for evidence in found
        }
        if not write_held(self.items, request, runner, [writes.put(item) for item in items.values()]):
            raise RefusedError(f"another runner works on the request {request} now, and writes its evidence")
        return len(items)

    def read(self, team: str) -> list[Evidence]:
        """Returns the evidence of all decommissions and retirements of a team, the oldest first."""
        found = []
        for item in self.items.of(key_of(EVIDENCE, team)):
            request, kind, name = item[SORT].split(SEPARATOR, 2)
            found.append(Evidence(kind=kind, name=name, details={"request": request, **json.loads(item["details"])}))
        return found
