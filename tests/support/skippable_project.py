"""A project with states as the engine writes them, of which a stack can be skipped. No engine runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from selfservice.engine.backend import FileBackend, backend_of
from selfservice.fingerprints.inputs import SharedInputs
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.recorder import FingerprintRecorder
from selfservice.fingerprints.skipping import SkippedStack, UnchangedStacks
from selfservice.fingerprints.store import Store
from selfservice.operations.operation import Action, Operation, Outcome, Status

STACK, UPSTREAM, REHEARSAL = "fraud-production", "fraud", "fraud-preproduction"
PROJECT = {
    "name": "small",
    "runtime": {"name": "python", "options": {"virtualenv": "venv"}},
    "stackConfigDir": "settings",
}
SEEN = Outcome(status=Status.SUCCEEDED, resources=3)


@dataclass(slots=True)
class SkippableProject:
    """A project folder, the states of its stacks, and an engine's folder."""

    root: Path

    @classmethod
    def create(cls, root: Path) -> SkippableProject:
        project = cls(root)
        files = {
            "project/Pulumi.yaml": yaml.safe_dump(PROJECT),
            f"project/settings/Pulumi.{STACK}.yaml": "config: {}\n",
            "project/settings/Pulumi.data-lake--cards.yaml": "config: {}\n",
            "project/requirements.txt": "pulumi==1\n",
            "project/__main__.py": "import parts.used\n",
            "project/parts/__init__.py": "",
            "project/parts/used.py": "",
            "project/venv/pyvenv.cfg": "",
            "project/venv/lib/python3.12/site-packages/boto3/session.py": "",
            "project/data.sql": "select 1",
            "project/scripts/etl.py": "",
            "project/policies/test/PulumiPolicy.yaml": "runtime: python\n",
            "project/policies/test/__main__.py": "import rule\n",
            "project/policies/test/rule.py": "",
            "bin/pulumi": "the engine",
            "home/plugins/resource-aws-v1/pulumi-resource-aws": "the plugin",
            "state/.pulumi/meta.yaml": "version: 1\n",
            "operations/run/nothing": "",
        }
        for name, text in files.items():
            project.write(name, text)
        for stack in (STACK, UPSTREAM, REHEARSAL):
            project.write_state(stack)
        return project

    @property
    def directory(self) -> Path:
        return self.root / "project"

    @property
    def backend(self) -> FileBackend:
        backend = backend_of(self.directory)
        assert backend is not None
        return backend

    def variables(self) -> dict[str, str]:
        """Returns the environment variables that connect this process with the project."""
        return {
            "PATH": f"{self.root / 'bin'}{os.pathsep}/usr/bin",
            "PULUMI_BACKEND_URL": f"file://{self.root / 'state'}?metadata=skip",
            "PULUMI_HOME": str(self.root / "home"),
        }

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    def write_state(self, stack: str, *, serial: int = 1, outputs: dict[str, object] | None = None) -> None:
        """A state as the engine writes it, of which only the stack's outputs matter."""
        resource = {"type": "pulumi:pulumi:Stack", "urn": f"urn:{stack}", "outputs": outputs or {}}
        latest = {"manifest": {"time": serial}, "resources": [resource]}
        checkpoint = {"version": 3, "checkpoint": {"stack": stack, "latest": latest}}
        self.write(f"state/.pulumi/stacks/small/{stack}.json", json.dumps(checkpoint))

    def operation(self, action: Action = Action.PREVIEW, rehearsal_by: str = STACK) -> Operation:
        return Operation(
            action=action,
            stack=STACK,
            project_directory=self.directory,
            upstream=(UPSTREAM,),
            policy_packs=(self.directory / "policies" / "test",),
            rehearsal=REHEARSAL,
            rehearsal_file=self.root / "operations" / "run" / rehearsal_by / "rehearsal.json",
            lock_path=self.root / "operations" / "locks" / STACK,
            fingerprints=self.root / "operations" / "fingerprints",
        )

    def run(
        self,
        outcome: Outcome = SEEN,
        operation: Operation | None = None,
        *,
        notices: tuple[str, ...] = (),
        pending_work: bool = False,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        """Records an operation of the stack, as a worker does."""
        recorder = FingerprintRecorder(operation or self.operation())
        recorder.look()
        meanwhile()
        recorder.notices, recorder.pending_work = list(notices), pending_work
        recorder.end(outcome)

    def left_out(self, chosen: tuple[str, ...] = (STACK,), operation: Operation | None = None) -> SkippedStack | None:
        """Returns the stack if a command that begins now skips it; None if the command runs it."""
        return self.unchanged(chosen).skip_unchanged(operation or self.operation())

    def unchanged(self, chosen: tuple[str, ...] = (STACK,)) -> UnchangedStacks:
        """Returns the unchanged stacks as a command that begins now with the chosen stacks determines them."""
        shared_inputs = SharedInputs(Layout.of(self.directory))
        return UnchangedStacks(Store(self.operation().fingerprints), self.backend, shared_inputs, chosen)
