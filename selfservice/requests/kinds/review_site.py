"""Project and functions that the review of a request can use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.items import CatalogItems
from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.review_change import Preview

OpenRequests = Mapping[str, ChangeRecord | None]
"""Records of open requests by id; None before a runner has seen one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewSite:
    """The project in which one request is reviewed, and the runner's means of a review."""

    directory: Path
    """Project directory."""
    id: str
    """Id of the request."""
    folder: Path
    """Folder that gets a copy of the project with the changed settings."""
    catalog: CatalogItems
    preview: Preview
    preview_due: Preview
    """Previews stacks, and leaves out those that are known to be unchanged."""
    recycled: Callable[[], Sequence[str]]
    """Returns the ids of the accounts that new teams use first."""
    other_requests: Callable[[Callable[[RequestForTeam], bool]], OpenRequests]
    """Returns the other open requests for which a condition holds, without those that failed."""
