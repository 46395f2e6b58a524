"""Cost of a new team among few and among many teams: ``python -m benchmarks.onboarding``.

Deploys the shared stacks of an organization with so many teams in its settings, and measures three things:

- the plan of a request for one more team: settings, validation, the programs of the stacks that it may affect, and the
  graph of its deployment;
- look-ups in a team catalog with four accounts for each team;
- the whole request: review with its previews, deployment of the team and its accounts, the commit, and the catalog.
  The time from the approval to the end, when a data scientist of the team can sign in to Studio, is a separate figure.
  Its floor is ``pulumi up`` of as many bare parameters as the largest stack of the team has resources.

With ``--plan`` it measures only the first two, in a minute or two. The clock shows other work on the machine. Processor
time shows less of it, and the number of calls to AWS nothing.
"""

from __future__ import annotations

import argparse
import json
import os
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

from benchmarks.floor import pulumi_floor
from benchmarks.measure import Measured, measured, processor_seconds, processor_seconds_of_aws
from benchmarks.organizations import team_name, write_organization
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.plan import plan
from selfservice.changes.review_change import review_change
from selfservice.changes.team_record import team_record
from selfservice.projects.project import rehearsals_of
from selfservice.requests.kinds.team import TeamRequest
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT, TABLE
from settings.derived.stack_graph import SHARED_STACKS
from settings.files.validation_cache import load_cached
from settings.types.kinds import ENVIRONMENTS
from tests.support.chaos.scenarios import TeamRequest as RequestedTeam
from tests.support.kills import Kills
from tests.support.workbench import COMMANDS, REPOSITORY, Workbench

FEW, MANY = 2, 200
_TEAM, _PERSON = "claims", "ben"
"""The team of the request, and its data scientist."""
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
class Onboarding:
    """The cost of a whole request, from its review to the record in the catalog, without the people's decision."""

    seconds: float
    processor_seconds: float
    """Processor time of the commands and of the emulated AWS."""
    peak_mib: float
    """The most memory that all processes of one command used together."""
    changing_calls: int
    """Changing calls to AWS."""
    sign_in_seconds: float
    """Time from the approval until a data scientist of the team can sign in to Studio."""
    floor_seconds: float
    """Time of ``pulumi up`` of as many bare parameters as the largest stack of the team has resources."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """Cost of the plan of a new team and of the look-ups of teams, among other teams."""

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
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.onboarding", description=__doc__, formatter_class=formatter
    )
    parser.add_argument("--teams", type=int, nargs=2, default=(FEW, MANY), metavar=("FEW", "MANY"))
    parser.add_argument("--plan", action="store_true", help="only the plan and the look-ups, and no deployment")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    few, many = options.teams
    if options.measure is not None:
        print(json.dumps(asdict(_cost(options.measure, few))))
        return
    with tempfile.TemporaryDirectory(prefix="plinth-onboarding-") as directory:
        found = [_measured(Path(directory, str(teams)), teams, whole=not options.plan) for teams in (few, many)]
    requests = [request for _, request in found if request is not None]
    for name, (first, second) in _rows([cost for cost, _ in found], requests).items():
        print(f"{name:<40} {first:>8} among {few}, {second:>8} among {many}, ratio {second / first:.2f}")


def _rows(costs: list[Cost], requests: list[Onboarding]) -> dict[str, list[float]]:
    """Returns the figures to print, one for each number of teams."""
    rows: dict[str, list[float]] = {
        "stacks to deploy": [cost.stacks for cost in costs],
        "plan, seconds": [round(cost.seconds, 1) for cost in costs],
        "plan, processor seconds": [round(cost.processor_seconds, 1) for cost in costs],
        "plan, peak MiB": [round(cost.peak_mib) for cost in costs],
        **{f"catalog: {asked}, calls": [cost.calls[asked] for cost in costs] for asked in costs[0].calls},
        **{f"catalog: {asked}, ms": [round(cost.look_up_ms[asked], 1) for cost in costs] for asked in costs[0].calls},
    }
    if not requests:
        return rows
    return rows | {
        "request, seconds": [round(request.seconds, 1) for request in requests],
        "request, processor seconds": [round(request.processor_seconds, 1) for request in requests],
        "request, peak MiB": [round(request.peak_mib) for request in requests],
        "request, changing calls to AWS": [request.changing_calls for request in requests],
        "approval to sign-in, seconds": [round(request.sign_in_seconds, 1) for request in requests],
        "approval to sign-in, of the floor": [
            round(request.sign_in_seconds / request.floor_seconds, 1) for request in requests
        ],
    }


def _measured(root: Path, teams: int, *, whole: bool) -> tuple[Cost, Onboarding | None]:
    """Measures on a sandbox of its own. The plan is measured in a process of its own, connected to that sandbox."""
    bench = Workbench(root)
    write_organization(bench.project, teams, main=REPOSITORY, virtualenv=COMMANDS.parent)
    bench.sandbox("up")
    try:
        command = [sys.executable, "-m", "benchmarks.onboarding", "--measure", str(root), "--teams", str(teams), "0"]
        done = subprocess.run(
            command, cwd=REPOSITORY, env=bench.environment(), stdout=subprocess.PIPE, text=True, check=True
        )
        return Cost(**json.loads(done.stdout.splitlines()[-1])), _onboarded(bench) if whole else None
    finally:
        bench.sandbox("down")


def _onboarded(bench: Workbench) -> Onboarding:
    """Deploys the shared stacks, then requests and deploys a team. Raises RuntimeError if AWS is not as recorded."""
    present = load_cached(bench.project).overview.graph
    bench.plinth("up", *(stack for stack in SHARED_STACKS if stack in present), "--yes")
    scenario, kills = RequestedTeam(), Kills(bench)
    scenario.submit(bench)
    calls, processor = kills.calls, processor_seconds_of_aws(bench)
    review = _run_requests(bench)
    scenario.approve(bench)
    deployment = _run_requests(bench)
    used = review.processor_seconds + deployment.processor_seconds + processor_seconds_of_aws(bench) - processor
    made = kills.calls - calls
    if faults := [*scenario.faults(bench), *_faults_of_sign_in(bench)]:
        raise RuntimeError("\n".join(faults))
    team = [stack for stack in bench.stacks() if stack.split("-")[0] == _TEAM]
    floor = pulumi_floor(bench, max(len(bench.state(stack)) for stack in team))
    return Onboarding(
        seconds=review.seconds + deployment.seconds,
        processor_seconds=used,
        peak_mib=max(review.peak_mib, deployment.peak_mib),
        changing_calls=made,
        sign_in_seconds=deployment.seconds,
        floor_seconds=floor.seconds,
    )


def _faults_of_sign_in(bench: Workbench) -> list[str]:
    """Returns why the data scientist of the new team cannot sign in to Studio: without a profile, or not assigned."""
    studio = bench.outputs(f"{_TEAM}-experimentation-studio")
    named = {"DomainId": studio["domain_id"], "UserProfileName": _PERSON}
    profile = bench.client("sagemaker", studio["account_id"]).describe_user_profile(**named)
    found = [] if profile["Status"] == "InService" else [f"the profile of {_PERSON} is {profile['Status']}"]
    directory = {"IdentityStoreId": bench.outputs("identity")["identity_store_id"]}
    people = {
        user["UserName"]: user["UserId"] for user in bench.client("identitystore").list_users(**directory)["Users"]
    }
    application = {"ApplicationArn": studio["application_arn"]}
    listed = bench.client("sso-admin").list_application_assignments(**application)["ApplicationAssignments"]
    if people.get(_PERSON) not in {application_assignment["PrincipalId"] for application_assignment in listed}:
        found.append(f"{_PERSON} is not assigned to the application of the domain")
    return found


def _run_requests(bench: Workbench) -> Measured:
    environment = {**os.environ, **bench.environment()}
    command = [str(COMMANDS / "plinth"), "requests", "run"]
    mark = f"PULUMI_BACKEND_URL={environment['PULUMI_BACKEND_URL']}"
    return measured(command, directory=bench.project, environment=environment, mark=mark)


def _cost(root: Path, teams: int) -> Cost:
    bench = Workbench(root)
    # Another process has validated these settings for an earlier request, and has filled the validation cache.
    subprocess.run([sys.executable, "-c", _VALIDATION, str(bench.project)], check=True)
    start, before = time.monotonic(), processor_seconds()
    review = review_change(bench.project, TeamRequest.model_validate(REQUEST), root / "request", lambda *_: {})
    foundation = review.change.foundation
    steps = plan(foundation.overview.graph, rehearsals_of(foundation), list(review.review.reasons), {})
    seconds, processor = time.monotonic() - start, processor_seconds() - before
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


def _catalog(bench: Workbench, teams: int) -> tuple[dict[str, int], dict[str, float]]:
    """Returns the calls and the milliseconds of each question to a catalog of these teams."""
    client = bench.client("dynamodb")
    _create_table(client)
    records, made = TeamRecords(CatalogItems(client)), [0]
    client.meta.events.register("before-call.dynamodb", lambda **_: made.__setitem__(0, made[0] + 1))
    foundation, now = load_cached(bench.project), datetime.now(UTC)
    for number in range(teams):
        accounts: dict[str, str] = {
            environment: f"{number:08}{place:04}" for place, environment in enumerate(ENVIRONMENTS)
        }
        record = team_record(foundation, team_name(number), accounts, request="", now=now)
        records.write(record, over=None)
    last = team_name(teams - 1)
    questions: dict[str, Callable[[], object]] = {
        "show a team": lambda: records.read(last),
        "find by account": lambda: records.of_account(f"{teams - 1:08}0003"),
        "find by owner": lambda: records.of_owner(f"{last}-owner@acme.example"),
        "record a team": lambda: records.update(last, lambda _: record),
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
