"""Retention of builds and captures in an ML bucket, as one lifecycle rule per use case and class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.storage.expiration import Expiration
from settings.data.ml_layout import (
    ASYNCHRONOUS,
    MONITORING,
    PREDICTIONS,
    QUERIES,
    RetentionClass,
    class_prefix,
    retained_in,
)
from settings.team.retention import EVIDENCE_BYTES, Retention, RetentionByClass, retention_of
from settings.types.kinds import RELEASED_TO, Environment

QUERY_RESULT_DAYS = 30
"""Days that Athena query results are kept. Builds copy what they need into their own input."""
ASYNCHRONOUS_DAYS = 30
"""Days that requests of asynchronous inference and their answers are kept. Callers copy what they need."""
PREDICTION_DAYS = 100
"""Days that monitoring keeps predictions by their id. Ground truth arrives within 90 days at most, as releases set."""


def expirations(
    environment: Environment, retention: RetentionByClass, use_cases: Mapping[str, RetentionByClass]
) -> list[Expiration]:
    """Returns the lifecycle rules of an environment's bucket.

    ``retention`` applies to all use cases of the environment; ``use_cases`` overrides it by use case. Input histories,
    snapshots and files kept by people have no rule, so they are kept permanently.
    """
    found = [Expiration(name=QUERIES, prefix=f"{QUERIES}/", days=QUERY_RESULT_DAYS)]
    for name, own in use_cases.items():
        if environment in RELEASED_TO:
            found += [_asynchronous(name), _predictions(name)]
        for retained in retained_in(environment):
            found.extend(_class_expirations(name, retained, retention_of(retained, own, retention)))
    return found


def _asynchronous(use_case: str) -> Expiration:
    return Expiration(name=f"{use_case}-{ASYNCHRONOUS}", prefix=f"{use_case}/{ASYNCHRONOUS}/", days=ASYNCHRONOUS_DAYS)


def _predictions(use_case: str) -> Expiration:
    prefix = f"{use_case}/{MONITORING}/{PREDICTIONS}/"
    return Expiration(name=f"{use_case}-{PREDICTIONS}", prefix=prefix, days=PREDICTION_DAYS)


def _class_expirations(use_case: str, retained: RetentionClass, retention: Retention) -> Iterator[Expiration]:
    name, prefix = f"{use_case}-{retained}", class_prefix(use_case, retained)
    if retention.longest_days is not None or retention.history_days is not None:
        yield Expiration(name=name, prefix=prefix, days=retention.longest_days, noncurrent_days=retention.history_days)
    if retention.evidence_days is not None:
        yield Expiration(name=f"{name}-data", prefix=prefix, days=retention.days, larger_than_bytes=EVIDENCE_BYTES)
