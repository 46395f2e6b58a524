"""State of a build: its phases and results, in a file that survives the end of this process."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RESULT_FILE = Path("left.json")


@dataclass(slots=True)
class Progress:
    """The result of a build so far. Each change is written, so that a stopped build shows the phase that it was in."""

    phases: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def begin(self, phase: str) -> None:
        self.phases.append({"phaseType": phase, "phaseStatus": "IN_PROGRESS", "start": time.time()})
        self._write()

    def end(self, status: str = "SUCCEEDED", code: str = "", message: str = "") -> None:
        contexts = [{"statusCode": code, "message": message}]
        self.phases[-1] |= {"phaseStatus": status, "end": time.time(), "contexts": contexts}
        self._write()

    def set(self, values: Mapping[str, Any]) -> None:
        self.values |= values
        self._write()

    def _write(self) -> None:
        draft = RESULT_FILE.with_suffix(".new")
        draft.write_text(json.dumps({"phases": self.phases, **self.values}))
        draft.replace(RESULT_FILE)
