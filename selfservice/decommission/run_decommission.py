"""Carries out an approved decommission: keeps evidence, destroys what was approved, and records what is left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.evidence import Evidence, EvidenceRecords
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecord, TeamRecords
from selfservice.changes.approvable import Approvable
from selfservice.changes.overlay import detach, overlay
from selfservice.changes.plan import Step
from selfservice.changes.run_plan import PlanExecutor
from selfservice.changes.team_record import team_record
from selfservice.decommission.deletions import refuse_unapproved
from selfservice.decommission.evidence import accounts_in, evidence_of
from selfservice.decommission.pipelines import delete_pipelines, pipelines_of
from selfservice.decommission.plan import EVIDENCE, RESIDUE, decommission_plan
from selfservice.decommission.residue import delete_log_groups, residue_of
from selfservice.decommission.reviewed_decommission import DESTROYED
from selfservice.durable.node import NodeResult
from selfservice.engine.account_access import Account
from selfservice.engine.account_suspension import recycle_accounts
from selfservice.errors import RefusedError
from selfservice.fingerprints.store import Store
from selfservice.operations.operation import Action, Operation
from selfservice.projects.project import Project, open_project
from selfservice.projects.states import account_of_organization, existing_stacks, remove_states, resources_by_stack
from selfservice.removal.leftovers import graph_by_names, with_leftovers
from selfservice.removal.served_use_cases import what_is_served
from selfservice.removal.team_removal import plan_removal
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.files.validation_cache import load_cached
from settings.types.errors import SettingsError

DECOMMISSIONING, DECOMMISSIONED = "decommissioning", "decommissioned"
"""Status of a team in the team catalog."""


def as_output(account: Account) -> dict[str, str | None]:
    """Returns an account as a result of a step. ``Account(**result)`` is the account again."""
    return {"id": account.id, "region": account.region, "role_arn": account.role_arn}


@dataclass(frozen=True, kw_only=True, slots=True)
class Decommission:
    """The steps of one decommission that are not of a stack. Each can be repeated."""

    directory: Path
    folder: Path
    """Folder for copies of the project. The engine writes files of its own beside settings that are gone."""
    catalog: CatalogItems
    team: str
    record: ChangeRecord

    def evidence(self) -> Mapping[str, Any]:
        """Writes the evidence into the team catalog. Raises: RefusedError if the team serves predictions."""
        project = with_leftovers(open_project(self.directory))
        removal = plan_removal(project, self.team, sorted(existing_stacks(project)))
        if serving := list(what_is_served(project, removal.kept)):
            raise RefusedError("\n  ".join(["the team serves predictions:", *serving]))
        accounts = accounts_in(project, removal.stacks, removal.accounts.values())
        found = list(evidence_of(project, removal.files, removal.kept, accounts))
        found += [pipeline for account in accounts for pipeline in pipelines_of(account, self._pipelines)]
        number = self._keep(found)
        self._record(DECOMMISSIONING, load_cached(self.directory), removal.accounts)
        return {
            "facts": number,
            "accounts": [as_output(account) for account in accounts],
        }

    def residue(self, needs: Mapping[str, NodeResult]) -> Mapping[str, Any]:
        """Deletes pipelines and logs whose index is in the evidence, and lists what is left in the accounts.

        Raises: RefusedError if an execution of a pipeline does not stop.
        """
        accounts = [Account(**account) for account in needs[EVIDENCE].output["accounts"]]
        pipelines = sum(delete_pipelines(account, self._pipelines) for account in accounts)
        logs = sum(map(delete_log_groups, accounts))
        left = residue_of(accounts)
        self._keep(left)
        verified = [
            Evidence(kind="account", name=account.id, details={"left": _left_in(account, left)}) for account in accounts
        ]
        self._keep(verified)
        empty = [account.id for account in accounts if not _left_in(account, left)]
        return {"pipelines": pipelines, "log_groups": logs, "left": len(left), "empty": empty}

    def finish(self, needs: Mapping[str, NodeResult]) -> Mapping[str, Any]:
        """Removes the states, which are empty or hold only what stays, and records the team as decommissioned.

        Accounts in which nothing is left can be used by new teams afterwards.
        """
        project = open_project(self.directory)
        organization = account_of_organization(project)
        empty = needs[RESIDUE].output["empty"]
        recycled = [] if organization is None else recycle_accounts(organization, empty)
        states = [stack for stack in sorted(existing_stacks(project)) if _is_of(stack, self.team)]
        where = replace(project, directory=self.workspace())
        remove_states(where, states, with_resources=[stack for stack in states if _is_use_case(stack)])
        for stack in states:
            Store(project.fingerprints).forget(stack)
        self._record(DECOMMISSIONED, load_cached(self.directory), {})
        shutil.rmtree(self.folder, ignore_errors=True)
        return {"recycled": recycled}

    def _keep(self, found: Iterable[Evidence]) -> int:
        return EvidenceRecords(self.catalog).write(self.team, self.record.id, found, runner=self.record.runner)

    @property
    def _pipelines(self) -> str:
        """The beginning of the names of all pipelines of the team's builds."""
        return f"{self.team}--"

    def workspace(self) -> Path:
        """Returns a copy of the project for this process."""
        return workspace_of(self.directory, self.folder)

    def _record(self, status: str, foundation: Foundation, accounts: Mapping[str, str]) -> None:
        now = datetime.now(UTC)

        def ended(known: TeamRecord | None) -> TeamRecord | None:
            if known is None:
                if self.team not in foundation.teams:
                    return None
                known = team_record(foundation, self.team, accounts, request=self.record.id, now=now)
            return _ended(known, status, self.record.id, now)

        TeamRecords(self.catalog).update(self.team, ended)


@dataclass(slots=True, kw_only=True)
class DecommissionExecutor(PlanExecutor):
    """Executes the steps of a decommission or a retirement."""

    workspace: Callable[[], Path]
    """Returns a copy of the project in which the engine destroys stacks."""
    _workspace: Path | None = field(default=None)

    def open(self) -> Project:
        return with_leftovers(open_project(self.directory))

    def operation(self, kind: str, stack: str, approved: list[str]) -> Operation | None:
        if kind != "destroy":
            return PlanExecutor.operation(self, kind, stack, approved)
        project = self.opened()
        resources = resources_by_stack(project, [stack])[stack]
        if not resources or stack not in project.graph:
            return None
        refuse_unapproved(stack, resources, approved)
        keeping = [stack] if _is_use_case(stack) else []
        found = self.operations(Action.DESTROY, stack, keeping=keeping).of(stack)
        with self._lock:
            self._workspace = self._workspace or self.workspace()
        return replace(found, project_directory=self._workspace)


def workspace_of(directory: Path, folder: Path) -> Path:
    """Returns a copy of the project for this process, in ``folder``."""
    own = folder / str(os.getpid())
    if not own.exists():
        overlay(directory, {}, own)
        detach(own, open_project(own).graph)
    return own


def steps_of_decommission(
    team: str, kept: Foundation, rehearsals: Mapping[str, str], approved: Approvable
) -> tuple[Step, ...]:
    """Returns the plan of an approved decommission. It depends on nothing that the decommission changes."""
    destroyed = [stack for stack, reason in approved.reasons.items() if reason == DESTROYED]
    updated = [stack for stack in approved.reasons if stack not in destroyed]
    return decommission_plan(team, kept.overview.graph, rehearsals, updated, graph_by_names(destroyed), approved.steps)


def changed_since(directory: Path, subject: str, approved: Approvable) -> str | None:
    """Returns what the team or the use case has deployed since the review, or None."""
    from selfservice.decommission.review_decommission import deleted_by

    try:
        project = with_leftovers(open_project(directory))
    except SettingsError:
        return "the settings have changed"
    stacks = [stack for stack in project.graph if stack == subject or _is_of(stack, subject)]
    found = deleted_by(project, subject, stacks)
    known = {stack: list(approved.steps[stack]) for stack, why in approved.reasons.items() if why == DESTROYED}
    return None if found == known else f"what {subject} has deployed has changed"


def _ended(known: TeamRecord, status: str, request: str, now: datetime) -> TeamRecord:
    """Returns the record of a team whose people and data are only in the evidence."""
    kept = status == DECOMMISSIONING
    return replace(
        known,
        status=status,
        changed=now.astimezone(UTC).isoformat(timespec="seconds"),
        request=request,
        users=known.users if kept else {},
        grants=known.grants if kept else {},
        use_cases=known.use_cases if kept else {},
    )


def _left_in(account: Account, left: list[Evidence]) -> int:
    return sum(1 for evidence in left if evidence.details["account"] == account.id)


def _is_of(stack: str, team: str) -> bool:
    identity = _parsed(stack)
    return identity is not None and identity.team == team


def _is_use_case(stack: str) -> bool:
    identity = _parsed(stack)
    return identity is not None and identity.kind == "use-case"


def _parsed(stack: str) -> StackIdentity | None:
    try:
        return StackIdentity.parse(stack)
    except SettingsError:
        return None
