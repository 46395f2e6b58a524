"""The work of a runner on the request of a person, without a project to review and to deploy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.changes.approvable import Approvable
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.kinds.team import TeamRequest
from selfservice.requests.run_changes import Deployed, UncheckedApproversError, run_open_changes

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = "20261123T120000Z-00000001"
TEXT = '{"action":"change","team":"fraud","monthly_budget_usd":7000}'


@dataclass
class Reviewed:
    """A review of one stack, or of none."""

    stacks: list[str]
    refusals: list[str]
    approvable: Approvable
    summary: str = "1 stack: 1 to update"
    delay: timedelta = timedelta()

    def markdown(self, limit: int) -> str:
        return f"the preview of {self.stacks}"[:limit]


@dataclass
class Work:
    """Simulates the work of a runner in a project: the work to do, and the work done."""

    stacks: list[str] = field(default_factory=lambda: ["fraud"])
    refusals: list[str] = field(default_factory=list)
    code: str = "code"
    template: str = ""
    fails: str = ""
    raises: Exception | None = None
    deployed: list[str] = field(default_factory=list)
    delay: timedelta = timedelta()
    gone: list[str] = field(default_factory=list)

    def departed(self, approvers: Sequence[str]) -> Sequence[str]:
        if "nobody knows" in self.gone:
            raise UncheckedApproversError("waits")
        return [approver for approver in approvers if approver in self.gone]

    def review(self, id_: str, request: TeamRequest) -> Any:
        approvable = Approvable(
            request=request.text,
            files={"Pulumi.fraud.yaml": "1"},
            code=self.code,
            steps={stack: ["update urn"] for stack in self.stacks},
            reasons=dict.fromkeys(self.stacks, "changed"),
            cost="0",
            template=self.template,
        )
        return Reviewed(self.stacks, self.refusals, approvable, delay=self.delay)

    def outdated(self, request: TeamRequest, approved: Approvable) -> str | None:
        return approved.difference({"Pulumi.fraud.yaml": "1"}, self.code, self.template)

    def deploy(self, record: ChangeRecord, approved: Approvable) -> Deployed:
        if self.raises is not None:
            raise self.raises
        self.deployed.append(f"{record.id} approved by {record.approved_by}")
        return Deployed(succeeded=not self.fails, reason=self.fails or "deployed 1 stack", commit="abc")


def run(requests: ChangeRequests, work: Work, now: datetime = NOW, only: str | None = None) -> list[tuple[str, str]]:
    process = RunnerProcess("one.example", 1, "1")
    found = run_open_changes(requests, process, work, only=only, now=lambda: now)
    return [(str(open_change.state), open_change.note) for open_change in found]


def approve(requests: ChangeRequests, user: str = "ben") -> None:
    record = requests.record(ID)
    assert record is not None
    requests.decide(user, ID, approves=True, digest=record.digest, reason="good", now=NOW)


def state(requests: ChangeRequests) -> str:
    record = requests.record(ID)
    assert record is not None
    return record.state
