"""A stack whose program and policies run in Python processes that record themselves, with no engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from plinth_sandbox.waiting import LONGEST_SECONDS
from selfservice.engine.backend import FileBackend, backend_of
from selfservice.fingerprints.inputs import SharedInputs
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.recorder import TOLERANCE_SECONDS, FingerprintRecorder
from selfservice.fingerprints.skipping import SkippedStack, UnchangedStacks
from selfservice.fingerprints.store import Store
from selfservice.runner.operation import Action, Operation, Outcome, Status
from selfservice.startup.sitecustomize import PROGRAM_RUNNER

STACK, UPSTREAM, REHEARSAL = "fraud-production", "fraud", "fraud-preproduction"
PROGRAM = """\
from pathlib import Path
import parts.used
here = Path(__file__).parent
(here / "data.sql").read_text()
(here / "switch").exists()
list((here / "scripts").glob("*.py"))
"""
SEEN = Outcome(status=Status.SUCCEEDED, resources=3)


@dataclass(slots=True)
class WitnessedProject:
    """A project folder, the states of its stacks, and an engine's folder."""

    root: Path

    @classmethod
    def create(cls, root: Path) -> WitnessedProject:
        project = cls(root)
        files = {
            "project/Pulumi.yaml": yaml.safe_dump({"name": "small", "runtime": "python", "stackConfigDir": "settings"}),
            f"project/settings/Pulumi.{STACK}.yaml": "config: {}\n",
            "project/settings/Pulumi.data-lake--cards.yaml": "config: {}\n",
            "project/requirements.txt": "pulumi==1\n",
            "project/__main__.py": PROGRAM,
            "project/parts/__init__.py": "",
            "project/parts/used.py": "import parts.deeper\n",
            "project/parts/deeper.py": "",
            "project/parts/unused.py": "",
            "project/data.sql": "select 1",
            "project/scripts/etl.py": "",
            "project/policies/test/PulumiPolicy.yaml": "runtime: python\n",
            "project/policies/test/__main__.py": "import rule\n",
            "project/policies/test/rule.py": "",
            "bin/pulumi": "the engine",
            "home/plugins/resource-aws-v1/pulumi-resource-aws": "the plugin",
            "state/.pulumi/meta.yaml": "version: 1\n",
            "operations/run/nothing": "",
            f"runner/{PROGRAM_RUNNER}": "import runpy, sys\nrunpy.run_path(sys.argv[1], run_name='__main__')\n",
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
        """What connects this process with the project."""
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
        packs: bool = True,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        """Have the stack's processes run once under a witness, as a worker does."""
        time.sleep(2 * TOLERANCE_SECONDS)  # so that the files of the test are older than the run
        operation = operation or self.operation()
        recorder = FingerprintRecorder.of(operation, self.root / "operations" / "run" / STACK)
        recorder.look()
        environment = {**os.environ, **recorder.variables()}
        runner = self.root / "runner" / PROGRAM_RUNNER
        for words in ([runner, self.directory], *([pack] for pack in operation.policy_packs if packs)):
            subprocess.run([sys.executable, *map(str, words)], env=environment, check=True, timeout=LONGEST_SECONDS)
        meanwhile()
        recorder.notices, recorder.pending_work = list(notices), pending_work
        recorder.end(outcome)

    def left_out(self, chosen: tuple[str, ...] = (STACK,), operation: Operation | None = None) -> SkippedStack | None:
        """What a command that begins now does with the stack."""
        return self.unchanged(chosen).skip_unchanged(operation or self.operation())

    def unchanged(self, chosen: tuple[str, ...] = (STACK,)) -> UnchangedStacks:
        """What a command that begins now knows about the stacks that it was given."""
        shared_inputs = SharedInputs(Layout.of(self.directory))
        return UnchangedStacks(Store(self.operation().fingerprints), self.backend, shared_inputs, chosen)
