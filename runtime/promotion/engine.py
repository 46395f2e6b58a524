"""The Pulumi program of the deployment repository, run with the Pulumi engine and the security pack. Its state is in
the artifact bucket."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from runtime.promotion.environment.alarms import judging_alarms
from runtime.promotion.errors import PromotionError
from runtime.promotion.program.findings import refusals
from runtime.promotion.program.interrupted import ENDPOINT, InterruptedCreation, interrupted_creations, with_interrupted
from runtime.promotion.program.project import ReleaseProject
from runtime.promotion.program.traffic import announcements
from runtime.promotion.program.variables import with_credentials
from runtime.promotion.records import Records
from settings.data.artifact_layout import DEPLOYMENTS, STATE_VERSION

LOCKED = "the stack is currently locked"
LONGEST_REASON = 2_000
"""Characters of the engine's output that a record keeps."""


def prepare_states(records: Records) -> None:
    """Writes the version of the layout of the states if it is missing. The engine would write it too, but the roles of
    the environments, which share the folder, may not."""
    records.add_object(f"{DEPLOYMENTS}/{STATE_VERSION}", b"version: 1\n", "application/yaml")


@dataclass(frozen=True, kw_only=True)
class DeploymentStack:
    """A stack of the deployment repository: what the use case serves in one environment."""

    program: Path
    """Folder of the program."""
    project: str
    """Pulumi project of the release, ``<team>--<use case>``."""
    name: str
    region: str
    records: Records
    settings: Mapping[str, str]
    """Configuration of the stack, which names what it deploys, and the settings by which the policies judge it."""

    def deploy(self, more: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
        """Updates the stack and returns its outputs. Raises PromotionError with the engine's reason.

        ``more`` is configuration that is known only when no other deployment is under way.

        A preview comes first, so that a release which the policies refuse changes nothing. The update has the policies
        too, for values that a preview does not know. A refresh precedes the update, so that one after an interrupted
        update starts from what AWS has. Resources whose creation was interrupted are adopted before.
        """
        self._select()
        self._adopt()
        settings = [word for key, value in {**self.settings, **more}.items() for word in ("--config", f"{key}={value}")]
        for sentence in announcements(self._judged("preview", *settings)):
            print(sentence, flush=True)  # the update may take hours, and the log of the action says why
        self._judged("up", "--yes", "--refresh", "--skip-preview", *settings)
        return self.outputs()

    def destroy(self) -> None:
        """Deletes what the stack serves, and keeps its logs. Raises PromotionError with the engine's reason.

        A refresh comes first, so that a repetition after an interruption succeeds.
        """
        self._select()
        self._adopt()
        self._run("destroy", "--yes", "--refresh", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        """Returns the outputs of the last update that succeeded; none before the first."""
        self._select()
        outputs: dict[str, Any] = json.loads(self._run("stack", "output", "--json"))
        return outputs

    def endpoint(self) -> str | None:
        """Returns the name of the endpoint of the stack, or of one whose creation was interrupted; None before."""
        if (name := self.outputs().get("endpoint_name")) is not None:
            return str(name)
        return next(
            (
                interrupted_creation.id
                for interrupted_creation in self._interrupted()
                if interrupted_creation.type == ENDPOINT
            ),
            None,
        )

    def alarms(self) -> list[str]:
        """Returns the names of the alarms that judge deployments, those of a deployment that failed included: alarms on
        the fleet of one endpoint configuration."""
        self._select()
        state = json.loads(self._run("stack", "export"))
        return judging_alarms(state)

    def _interrupted(self) -> list[InterruptedCreation]:
        return interrupted_creations(json.loads(self._run("stack", "export")))

    def _adopt(self) -> None:
        """Takes resources into the state whose creation was interrupted. The refresh of the update drops those that do
        not exist."""
        state = json.loads(self._run("stack", "export"))
        if interrupted_creations(state):
            file = self._project.folder / "adopted.json"
            file.write_text(json.dumps(with_interrupted(state)))
            self._run("stack", "import", "--file", str(file))

    def _select(self) -> None:
        """Creates the stack if there is none."""
        self._run("stack", "select", self.name, "--create")

    def _judged(self, *words: str) -> Path:
        """Runs a command with the security pack, and returns its event log. Raises PromotionError, with the findings if
        the pack refuses."""
        log = self._project.folder / f"{words[0]}.json"
        try:
            self._run(*words, "--policy-pack", str(self._project.pack), "--event-log", str(log))
        except PromotionError as error:
            if found := refusals(log):
                raise PromotionError(f"the policies refuse the release: {'; '.join(found)[:LONGEST_REASON]}") from error
            raise
        return log

    @cached_property
    def _project(self) -> ReleaseProject:
        project = ReleaseProject(folder=Path(self._folder.name), name=self.project, program=self.program)
        project.write()
        return project

    @cached_property
    def _folder(self) -> TemporaryDirectory[str]:
        """Folder of the project, which is removed together with this object."""
        return TemporaryDirectory(prefix="release-")

    def _run(self, *words: str) -> str:
        done = self._engine(*words)
        if done.returncode and LOCKED in done.stderr + done.stdout:
            # CodePipeline lets one execution into a stage, so whoever holds the lock was stopped or has timed out.
            self._engine("cancel", "--yes")
            done = self._engine(*words)
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            raise PromotionError(f"pulumi {words[0]} failed: {said[-LONGEST_REASON:]}")
        return done.stdout

    def _engine(self, *words: str) -> subprocess.CompletedProcess[str]:
        stack = () if words[:2] == ("stack", "select") else ("--stack", self.name)
        return subprocess.run(
            ["pulumi", *words, *stack, "--non-interactive"],
            cwd=self._project.folder,
            env={**with_credentials(os.environ), **self._environment()},
            capture_output=True,
            text=True,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        return {
            "PULUMI_BACKEND_URL": f"s3://{self.records.bucket}/{self.records.folder}/{DEPLOYMENTS}?region={self.region}",
            # Nothing in the program is secret, and the bucket encrypts the state with its key.
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # A program can name an address from which the engine would download a plugin and run it.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            # Without it, the command line has no option for the event log.
            "PULUMI_DEBUG_COMMANDS": "true",
        }
