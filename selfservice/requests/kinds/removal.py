"""Common base of requests that remove something."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

from selfservice.changes.approvable import Approvable
from selfservice.decommission.run_decommission import changed_since
from selfservice.requests.kinds.request import Request


class RemovalRequest(Request):
    """A request that destroys what a team or a use case has deployed."""

    @property
    @abstractmethod
    def pipelines(self) -> str:
        """Pattern of the names of the SageMaker pipelines that are deleted with it."""

    def announcement(self, template: str) -> str:
        """Returns what is deleted although no stack has it."""
        del template
        return (
            f"  deleted, in the accounts of the team: SageMaker pipelines {self.pipelines}, which builds have created"
        )

    def outdated(self, directory: Path, approved: Approvable, recycled: Sequence[str]) -> str | None:
        """Returns what has changed since the review, also in what is deployed."""
        changed = Request.outdated(self, directory, approved, recycled)
        return changed_since(directory, self.subject, approved) if changed is None else changed
