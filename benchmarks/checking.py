"""What the model check costs: ``python -m benchmarks.checking <journal>`` reads the requests of a deployment again."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.emulator.call import Call, understand
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.validation.validator import validate


@dataclass(frozen=True, slots=True)
class Checked:
    requests: int
    first_seconds: float
    """Processor time of parsing and checking, service models and patterns compiled on the way."""
    again_seconds: float
    """Processor time of a second pass, which compiles nothing."""


def checked(journal: Path) -> Checked:
    """Check every request of an emulator journal twice."""
    with journal.open("rb") as file:
        next(file)
        requests = [Request.from_json(json.loads(line)) for line in file]
    first = _seconds([understand(request) for request in requests])
    again = _seconds([understand(request) for request in requests])
    return Checked(len(requests), first, again)


def _seconds(calls: list[Call]) -> float:
    started = time.process_time()
    for call in calls:
        validate(call)
    return time.process_time() - started


if __name__ == "__main__":
    found = checked(Path(sys.argv[1]))
    print(json.dumps([found.requests, found.first_seconds, found.again_seconds]))
