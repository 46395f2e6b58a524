"""A request of the platform team, and what a runner does for it. Each kind of request is a subclass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from selfservice.changes.approvable import Approvable
from selfservice.changes.plan import CATALOG, SETTINGS, Step, plan
from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.review_change import review_change
from selfservice.changes.reviewed_change import Reviewed, code_digest
from selfservice.changes.run_plan import Call, PlanExecutor
from selfservice.changes.settings_change import settings_change
from selfservice.durable.node import NodeResult
from selfservice.formatting import counted
from selfservice.projects.project import open_project, rehearsals_of
from selfservice.requests.kinds.execution import Execution
from selfservice.requests.kinds.review_site import ReviewSite
from settings.derived.foundation import Foundation


class Request(RequestForTeam):
    """A request that a runner reviews and, when people have approved the review, carries out.

    A kind defines its fields, its actions and the settings files that it changes. As long as it defines nothing else,
    a runner previews the stacks that the files affect, commits the files, updates the stacks, and records the team.
    """

    def review(self, site: ReviewSite) -> Reviewed:
        """Previews what the request changes. Raises: BadInputError, RefusedError, SettingsError."""
        return review_change(site.directory, self, site.folder, site.preview, recycled=site.recycled())

    def source(self, directory: Path) -> str:
        """Returns the template of a use case that it creates, with its version and commit; empty for other requests.

        Raises: BadInputError if the version of the template is not what it was.
        """
        del directory
        return ""

    def outdated(self, directory: Path, approved: Approvable, recycled: Sequence[str]) -> str | None:
        """Returns what has changed since the review, or None. ``recycled`` are the accounts that new teams use first.

        Raises: BadInputError, SettingsError if the request does not fit the settings any more.
        """
        files = settings_change(directory, self, recycled).digests
        return approved.difference(files, code_digest(open_project(directory)), self.source(directory))

    def planned(self, execution: Execution, after: Foundation) -> tuple[Sequence[Step], PlanExecutor]:
        """Returns the steps of the request, and what executes them. ``after`` are the settings that it asks for."""
        approved = execution.approved
        steps = plan(after.overview.graph, rehearsals_of(after), list(approved.reasons), approved.steps)
        return steps, PlanExecutor(**execution.running(self.calls(execution)))

    def calls(self, execution: Execution) -> dict[str, Call]:
        """Returns what is done for the steps that are not of a stack, by kind."""
        return {
            SETTINGS: execution.settings(self),
            CATALOG: execution.published(self, lambda _: execution.recorded(self.team)),
        }

    def result(self, steps: Mapping[str, NodeResult]) -> str:
        """Returns in a line what was done, from the results of all steps by name."""
        return f"deployed {updated(steps)}"


def updated(steps: Mapping[str, NodeResult]) -> str:
    """Returns the number of stacks that were updated, as text."""
    return counted(sum(1 for name in steps if name.startswith("stack:")), "stack")


def destroyed(steps: Mapping[str, NodeResult]) -> str:
    """Returns the number of stacks that were destroyed, as text."""
    return counted(sum(1 for name in steps if name.startswith("destroy:")), "stack")
