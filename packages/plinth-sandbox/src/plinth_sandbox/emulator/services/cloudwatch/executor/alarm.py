"""An alarm: its definition, its state, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.cloudwatch.executor.composite import AlarmRule
from plinth_sandbox.emulator.services.cloudwatch.executor.decision import Criteria
from plinth_sandbox.emulator.services.cloudwatch.executor.queries import Query


@dataclass(slots=True)
class Alarm:
    """A metric alarm, which has queries and criteria, or a composite alarm, which has a rule."""

    name: str
    arn: str
    account: str
    region: str
    definition: Mapping[str, Any]
    """The members of the request, with defaults."""
    configured: datetime
    """Time of the clock at which the alarm got its definition."""
    queries: tuple[Query, ...] = ()
    criteria: Criteria | None = None
    rule: AlarmRule | None = None
    state: str = "INSUFFICIENT_DATA"
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = ""
    updated: datetime | None = None
    transitioned: datetime | None = None
    next_at: int | None = None
    """Next evaluation, in seconds since the epoch. None if no evaluation can change the state."""
    history: list[dict[str, Any]] = field(default_factory=list)
    """Items of the history, oldest first."""
    actions_enabled: bool = True

    @property
    def is_composite(self) -> bool:
        return self.rule is not None

    @property
    def period(self) -> int:
        return min(query.period for query in self.queries)

    @property
    def step(self) -> int:
        """Seconds between evaluations. Alarms with periods under a minute are evaluated every ten seconds."""
        return 60 if self.period >= 60 else 10

    @property
    def watched(self) -> Query:
        """The query whose values are compared with the threshold."""
        return next(query for query in self.queries if query.returns_data)

    def described(self) -> dict[str, Any]:
        """Returns the alarm in the API's form."""
        return {
            **self.definition,
            "AlarmArn": self.arn,
            "ActionsEnabled": self.actions_enabled,
            "AlarmConfigurationUpdatedTimestamp": self.configured,
            "StateValue": self.state,
            "StateReason": self.reason,
            "StateUpdatedTimestamp": self.updated or self.configured,
            "StateTransitionedTimestamp": self.transitioned or self.configured,
            **({"StateReasonData": self.reason_data} if self.reason_data else {}),
        }

    def note(self, kind: str, summary: str, data: str, at: datetime) -> None:
        """Adds an item to the history."""
        self.history.append(
            {
                "AlarmName": self.name,
                "AlarmType": "CompositeAlarm" if self.is_composite else "MetricAlarm",
                "Timestamp": at,
                "HistoryItemType": kind,
                "HistorySummary": summary,
                "HistoryData": data,
            }
        )


def alarms_of(memory: Memory, account: str, region: str) -> dict[str, Alarm]:
    """Returns the alarms of an account and region by name."""
    return memory.notes("cloudwatch-alarms", account, region)
