"""What a new team costs among few and among many teams: ``python -m benchmarks.onboarding``.

Plans the request of one more team: settings, validation, the programs of the stacks that it may affect, and the graph
of its deployment. Then it looks teams up in a team catalog on the emulated AWS, with four accounts for each team. The
previews and updates themselves are left out: they are those of the affected stacks, whose number is printed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.organizations import team_name, write_organization
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.plan import plan
from selfservice.changes.requested.team_request import TeamRequest
from selfservice.changes.review_change import review_change
from selfservice.changes.team_record import team_record
from selfservice.runner.project import rehearsals_of
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT, TABLE
from settings.files.validation_cache import load_cached
from settings.types.kinds import ENVIRONMENTS
from tests.support.workbench import COMMANDS, REPOSITORY, Workbench

FEW, MANY = 2, 200
_VALIDATION = """
import sys
from pathlib import Path
from settings.files.validation_cache import load_cached
load_cached(Path(sys.argv[1]))
"""
REQUEST = {
    "team": "claims",
    "owner": "claims-owner@acme.example",
    "cost_centre": "4712",
    "monthly_budget_usd": 3000,
    "data": {f"{team_name(0)}-payments-0": ["development"]},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What a new team costs among others."""

    stacks: int
    """Stacks of the deployment."""
    seconds: float
    processor_seconds: float
    peak_mib: float
    """The most memory that this process and any process that it started used, each on its own."""
    calls: dict[str, int]
    """Calls to AWS of each question to the catalog."""
    look_up_ms: dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.onboarding", description=__doc__)
    parser.add_argument("--teams", type=int, nargs=2, default=(FEW, MANY), metavar=("FEW", "MANY"))
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    few, many = options.teams
    if options.measure is not None:
        print(json.dumps(asdict(_cost(options.measure, few))))
        return
    with tempfile.TemporaryDirectory(prefix="plinth-onboarding-") as directory:
        costs = {teams: _measured(Path(directory, str(teams)), teams) for teams in (few, many)}
    for name, shown in {
        "stacks to deploy": lambda cost: cost.stacks,
        "plan, seconds": lambda cost: round(cost.seconds, 1),
        "plan, processor seconds": lambda cost: round(cost.processor_seconds, 1),
        "peak MiB": lambda cost: round(cost.peak_mib),
        **{f"catalog: {one}, calls": _of("calls", one) for one in costs[few].calls},
        **{f"catalog: {one}, ms": _of("look_up_ms", one) for one in costs[few].look_up_ms},
    }.items():
        values = [shown(costs[teams]) for teams in (few, many)]
        print(f"{name:<40} {values[0]:>8} among {few}, {values[1]:>8} among {many}, ratio {values[1] / values[0]:.2f}")


def _of(field: str, name: str) -> Callable[[Cost], Any]:
    return lambda cost: round(getattr(cost, field)[name], 1)


def _measured(root: Path, teams: int) -> Cost:
    """Measures in a process of its own, in a shell that is connected to a sandbox."""
    bench = Workbench(root)
    write_organization(bench.project, teams, main=REPOSITORY, virtualenv=COMMANDS.parent)
    bench.sandbox("up")
    try:
        command = [sys.executable, "-m", "benchmarks.onboarding", "--measure", str(root), "--teams", str(teams), "0"]
        done = subprocess.run(
            command, cwd=REPOSITORY, env=bench.environment(), stdout=subprocess.PIPE, text=True, check=True
        )
        return Cost(**json.loads(done.stdout.splitlines()[-1]))
    finally:
        bench.sandbox("down")


def _cost(root: Path, teams: int) -> Cost:
    bench = Workbench(root)
    # Another process has validated these settings for an earlier request, and has filled the validation cache.
    subprocess.run([sys.executable, "-c", _VALIDATION, str(bench.project)], check=True)
    start, before = time.monotonic(), _processor_seconds()
    review = review_change(bench.project, TeamRequest.model_validate(REQUEST), root / "request", lambda *_: {})
    foundation = review.change.foundation
    steps = plan(foundation.overview.graph, rehearsals_of(foundation), list(review.review.reasons), {})
    seconds, processor = time.monotonic() - start, _processor_seconds() - before
    calls, look_ups = _catalog(bench, teams)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Cost(
        stacks=sum(step.kind == "stack" for step in steps),
        seconds=seconds,
        processor_seconds=processor,
        peak_mib=peak / 1024,
        calls=calls,
        look_up_ms=look_ups,
    )


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _catalog(bench: Workbench, teams: int) -> tuple[dict[str, int], dict[str, float]]:
    """Returns the calls and the milliseconds of each question to a catalog of these teams."""
    client = bench.client("dynamodb")
    _create_table(client)
    records, made = TeamRecords(CatalogItems(client)), [0]
    client.meta.events.register("before-call.dynamodb", lambda **_: made.__setitem__(0, made[0] + 1))
    foundation, now = load_cached(bench.project), datetime.now(UTC)
    for number in range(teams):
        accounts: dict[str, str] = {one: f"{number:08}{place:04}" for place, one in enumerate(ENVIRONMENTS)}
        record = team_record(foundation, team_name(number), accounts, request="", now=now)
        records.write(record)
    last = team_name(teams - 1)
    questions: dict[str, Callable[[], object]] = {
        "show a team": lambda: records.read(last),
        "find by account": lambda: records.of_account(f"{teams - 1:08}0003"),
        "find by owner": lambda: records.of_owner(f"{last}-owner@acme.example"),
        "record a team": lambda: records.write(record),
    }
    calls, look_ups = {}, {}
    for name, ask in questions.items():
        ask()
        made[0], start = 0, time.monotonic()
        ask()
        calls[name], look_ups[name] = made[0], (time.monotonic() - start) * 1000
    return calls, look_ups


def _create_table(client: Any) -> None:
    """Creates a table as the component of the team catalog does."""
    keys = [{"AttributeName": PARTITION, "KeyType": "HASH"}, {"AttributeName": SORT, "KeyType": "RANGE"}]
    index_keys = [{"AttributeName": LOOKUP, "KeyType": "HASH"}, {"AttributeName": SORT, "KeyType": "RANGE"}]
    client.create_table(
        TableName=TABLE,
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (PARTITION, SORT, LOOKUP)],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {"IndexName": LOOKUP, "KeySchema": index_keys, "Projection": {"ProjectionType": "ALL"}}
        ],
    )


if __name__ == "__main__":
    main()
