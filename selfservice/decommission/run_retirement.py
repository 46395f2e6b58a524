"""Carries out an approved retirement of a use case: keeps evidence, destroys its stack, and removes its state."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selfservice.catalog.evidence import EvidenceRecords
from selfservice.catalog.items import CatalogItems
from selfservice.changes.requested.use_case_requests import RetireUseCaseRequest
from selfservice.decommission.evidence import evidence_of
from selfservice.decommission.run_decommission import workspace_of
from selfservice.errors import RefusedError
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.store import Store
from selfservice.removal.leftovers import with_leftovers
from selfservice.removal.served_use_cases import what_is_served
from selfservice.runner.project import open_project
from selfservice.runner.states import existing_stacks, remove_states
from settings.rules.partial_config import stack_file


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """The steps of one retirement that are not of a stack. Each can be repeated."""

    directory: Path
    folder: Path
    """Folder for copies of the project. The engine writes files of its own beside settings that are gone."""
    catalog: CatalogItems
    request: RetireUseCaseRequest
    id: str
    """Id of the request."""

    def evidence(self) -> Mapping[str, Any]:
        """Writes the evidence into the team catalog. Raises: RefusedError if the use case serves predictions."""
        project = with_leftovers(open_project(self.directory))
        use_case = self.request.subject
        if serving := list(what_is_served(project, [use_case])):
            raise RefusedError("\n  ".join(["the use case serves predictions:", *serving]))
        folder = Layout.of(self.directory).settings_directory
        files = [folder / stack_file(one) for one in (self.request.team, use_case)]
        found = list(evidence_of(project, [file for file in files if file.exists()], [use_case], ()))
        return {"facts": EvidenceRecords(self.catalog).write(self.request.team, self.id, found)}

    def finish(self) -> None:
        """Removes the state, which is empty or holds only what stays."""
        project = open_project(self.directory)
        use_case = self.request.subject
        if use_case in existing_stacks(project):
            where = replace(project, directory=self.workspace())
            remove_states(where, [use_case], with_resources=[use_case])
        Store(project.fingerprints).forget(use_case)
        shutil.rmtree(self.folder, ignore_errors=True)

    def workspace(self) -> Path:
        """Returns a copy of the project for this process."""
        return workspace_of(self.directory, self.folder)
