"""Where a sandbox keeps what: one directory, and nothing outside it but the engine's cache."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    root: Path

    @classmethod
    def find(cls, directory: Path | None = None) -> Layout:
        """The named directory, else $PLINTH_SANDBOX_DIR, else ``.sandbox`` here."""
        chosen = directory or Path(os.environ.get("PLINTH_SANDBOX_DIR") or ".sandbox")
        return cls(chosen.expanduser().absolute())

    @property
    def aws(self) -> Path:
        """The emulated AWS: journal, log, lock and the running server's record."""
        return self.root / "aws"

    @property
    def journal(self) -> Path:
        return self.aws / "journal.jsonl"

    @property
    def server_log(self) -> Path:
        return self.aws / "server.log"

    @property
    def pulumi_home(self) -> Path:
        """PULUMI_HOME: plugins, credentials and workspaces of the engine."""
        return self.root / "pulumi"

    @property
    def state(self) -> Path:
        """Pulumi's file backend."""
        return self.root / "state"

    @property
    def stack_locks(self) -> Path:
        return self.state / ".pulumi" / "locks"

    @property
    def lock(self) -> Path:
        """Held while the sandbox is started, stopped or reset."""
        return self.root / "lifecycle.lock"

    @property
    def reset_marker(self) -> Path:
        """Exists while a reset is under way; a reset that was killed is completed by the next command."""
        return self.root / "resetting"
