"""Settings of a service that answers events."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class EventPredictions:
    """Events that ask for predictions, and where answers and failures go."""

    pattern: str
    """Pattern of the events, as JSON."""

    source: str
    """Source of the events with answers."""

    handler: str
    """Module and function that Lambda calls."""

    answers_queue_arn: str | None
    """ARN of the queue to which answers are delivered. None leaves them on the bus."""

    failures_queue_arn: str
    """ARN of the dead-letter queue."""
