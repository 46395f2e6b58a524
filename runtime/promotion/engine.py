"""The Pulumi program of the deployment repository, run with the Pulumi engine. Its state is in the artifact bucket."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.promotion.errors import PromotionError
from runtime.promotion.records import Records
from settings.data.artifact_layout import DEPLOYMENTS

SECRET_SETTINGS = ("secretsprovider", "encryptedkey")
"""Settings of a stack that say how its secrets are encrypted."""
LOCKED = "the stack is currently locked"
LONGEST_REASON = 2_000
"""Characters of the engine's output that a record keeps."""


@dataclass(frozen=True, kw_only=True)
class DeploymentStack:
    """A stack of the deployment repository: what the use case serves in one environment."""

    program: Path
    """Folder of the program."""
    name: str
    region: str
    records: Records
    settings: Mapping[str, str]
    """Configuration of the stack, which names what it deploys."""

    def deploy(self) -> dict[str, Any]:
        """Updates the stack and returns its outputs. Raises PromotionError with the engine's reason.

        A refresh comes first, so that an update after an interrupted one starts from what AWS has.
        """
        self._select()
        settings = [word for key, value in self.settings.items() for word in ("--config", f"{key}={value}")]
        self._run("up", "--yes", "--refresh", "--skip-preview", *settings)
        outputs: dict[str, Any] = json.loads(self._run("stack", "output", "--json"))
        return outputs

    def destroy(self) -> None:
        """Deletes what the stack deployed."""
        self._select()
        self._run("destroy", "--yes", "--refresh", "--skip-preview")

    def _select(self) -> None:
        """Creates the stack if there is none. The data key of its secrets is encrypted with the key of the bucket, and
        kept beside the other records because builds start without files."""
        settings, record = self.program / f"Pulumi.{self.name}.yaml", f"stacks/{self.name}.json"
        if known := self.records.read(record):
            # The key is added to what the repository says about the stack.
            text = settings.read_text(encoding="utf-8") if settings.exists() else ""
            others = [line for line in text.splitlines() if line.partition(":")[0] not in SECRET_SETTINGS]
            settings.write_text("\n".join([*others, *(f"{key}: {value}" for key, value in known.items())]) + "\n")
            return
        provider = f"awskms:///{self.records.key_arn}?region={self.region}&awssdk=v2"
        self._run("stack", "init", self.name, "--secrets-provider", provider)
        lines = (line.partition(": ") for line in settings.read_text(encoding="utf-8").splitlines())
        self.records.write(
            record, {key: value for key, _, value in lines if key in ("secretsprovider", "encryptedkey")}
        )

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
        stack = () if words[:2] == ("stack", "init") else ("--stack", self.name)
        return subprocess.run(
            ["pulumi", *words, *stack, "--non-interactive"],
            cwd=self.program,
            env={**os.environ, **self._environment()},
            capture_output=True,
            text=True,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        return {
            "PULUMI_BACKEND_URL": f"s3://{self.records.bucket}/{self.records.folder}/{DEPLOYMENTS}?region={self.region}",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
