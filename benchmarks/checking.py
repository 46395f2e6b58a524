"""Cost of the sandbox's checks: ``python -m benchmarks.checking <folder>`` answers the journal of a deployment again.

The folder is the one of an emulated AWS, such as ``.sandbox/aws``; it stays as it is.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from plinth_sandbox.emulator.call import Call, understand
from plinth_sandbox.emulator.emulator import Emulator
from plinth_sandbox.emulator.journal import requests_in
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.preconditions import layer
from plinth_sandbox.emulator.preconditions.check import Check
from plinth_sandbox.emulator.validation.validator import validate


@dataclass(frozen=True, slots=True)
class Checked:
    """Processor time of the checks of all changing requests of a deployment."""

    requests: int
    models_seconds: float
    """Time of the check against the service models, which are compiled on the way."""
    compiled_models_seconds: float
    """Time of a second check against the models, without compiling."""
    preconditions_seconds: float
    """Time of the checks of other resources, quotas and grammars."""

    @property
    def seconds(self) -> float:
        return self.models_seconds + self.preconditions_seconds


@dataclass(slots=True)
class _Stopwatch:
    seconds: float = field(default=0.0)

    def timed(self, work: Callable[[Call], object]) -> Check:
        def run(call: Call) -> None:
            started = time.process_time()
            try:
                work(call)
            finally:
                self.seconds += time.process_time() - started

        return run


def checked(aws: Path) -> Checked:
    """Checks every request of an emulated AWS again, in a copy of its folder."""
    requests = list(requests_in(aws / "journal.jsonl"))
    first, again = _models(requests), _models(requests)
    with tempfile.TemporaryDirectory(prefix="plinth-benchmark-") as copy:
        shutil.copytree(aws, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock"))
        return Checked(len(requests), first, again, _preconditions(Path(copy)))


def _models(requests: list[Request]) -> float:
    watch = _Stopwatch()
    for request in requests:
        watch.timed(validate)(understand(request))
    return watch.seconds


def _preconditions(aws: Path) -> float:
    """Restores the emulated AWS from its journal, which runs every check again at the state of that time."""
    watch, found = _Stopwatch(), layer._checks

    def checks(service: str, operation: str) -> tuple[Check, ...]:
        return tuple(watch.timed(check) for check in found(service, operation))

    with mock.patch.object(layer, "_checks", checks):
        Emulator(aws).restore(lambda _done, _total: None)
    return watch.seconds


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    result = checked(folder)
    print(
        f"{result.requests:,} changing requests: {result.models_seconds:.1f} s against the service models, "
        f"{1000 * result.compiled_models_seconds / result.requests:.2f} ms each once compiled; "
        f"{result.preconditions_seconds:.1f} s of preconditions"
    )
