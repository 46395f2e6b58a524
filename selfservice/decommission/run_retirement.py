"""Carries out an approved retirement of a use case: keeps evidence, destroys its stack, and removes its state."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.evidence import EvidenceRecords
from selfservice.catalog.items import CatalogItems
from selfservice.changes.requested.base import RequestForUseCase
from selfservice.decommission.evidence import accounts_in, evidence_of
from selfservice.decommission.pipelines import delete_pipelines, pipelines_of
from selfservice.decommission.plan import EVIDENCE
from selfservice.decommission.run_decommission import as_output, workspace_of
from selfservice.durable.node import NodeResult
from selfservice.engine.account_access import Account
from selfservice.errors import RefusedError
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.store import Store
from selfservice.projects import outputs
from selfservice.projects.project import Project, open_project
from selfservice.projects.states import existing_stacks, remove_states
from selfservice.removal.leftovers import with_leftovers
from selfservice.removal.served_use_cases import what_is_served
from settings.derived.stack_graph import StackIdentity
from settings.rules.partial_config import stack_file


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """The steps of one retirement that are not of a stack. Each can be repeated."""

    directory: Path
    folder: Path
    """Folder for copies of the project. The engine writes files of its own beside settings that are gone."""
    catalog: CatalogItems
    request: RequestForUseCase
    record: ChangeRecord

    def evidence(self) -> Mapping[str, Any]:
        """Writes the evidence into the team catalog. Raises: RefusedError if the use case serves predictions."""
        project = with_leftovers(open_project(self.directory))
        use_case = self.request.subject
        if serving := list(what_is_served(project, [use_case])):
            raise RefusedError("\n  ".join(["the use case serves predictions:", *serving]))
        folder = Layout.of(self.directory).settings_directory
        files = [folder / stack_file(stack) for stack in (self.request.team, use_case)]
        found = list(evidence_of(project, [file for file in files if file.exists()], [use_case], ()))
        development = self._development(project)
        found += [pipeline for account in development for pipeline in pipelines_of(account, self._pipelines)]
        records = EvidenceRecords(self.catalog)
        facts = records.write(self.request.team, self.record.id, found, runner=self.record.runner)
        return {"facts": facts, "accounts": [as_output(account) for account in development]}

    def finish(self, needs: Mapping[str, NodeResult]) -> None:
        """Deletes the pipelines of the builds, and removes the state, which is empty or holds only what stays.

        Raises: RefusedError if an execution of a pipeline does not stop.
        """
        project = open_project(self.directory)
        use_case = self.request.subject
        for account in needs[EVIDENCE].output["accounts"]:
            delete_pipelines(Account(**account), self._pipelines)
        if use_case in existing_stacks(project):
            where = replace(project, directory=self.workspace())
            remove_states(where, [use_case], with_resources=[use_case])
        Store(project.fingerprints).forget(use_case)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _pipelines(self) -> str:
        """The beginning of the names of the pipelines of its builds. No other use case has it."""
        return f"{self.request.subject}-"

    def _development(self, project: Project) -> list[Account]:
        """Returns the account in which builds of the use case create pipelines."""
        stack = StackIdentity("development", self.request.team).name
        if stack not in existing_stacks(project):
            return []
        return accounts_in(project, [stack], [outputs.read(project, stack, show_secrets=False)["account_id"]])

    def workspace(self) -> Path:
        """Returns a copy of the project for this process."""
        return workspace_of(self.directory, self.folder)
