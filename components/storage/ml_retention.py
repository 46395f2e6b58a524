"""How long an ML bucket keeps what builds leave: a rule for each use case and class, from the layout's prefixes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.storage.expiration import Expiration
from settings.data.ml_layout import QUERIES, BuildClass, class_prefix, classes_in
from settings.team.retention import EVIDENCE_BYTES, Retention, RetentionByClass, retention_of
from settings.types.kinds import Environment

QUERY_RESULT_DAYS = 30
"""Days that an answer of Athena stays; what a build needs of it, its input keeps."""


def expirations(
    environment: Environment, retention: RetentionByClass, use_cases: Mapping[str, RetentionByClass]
) -> list[Expiration]:
    """Of an environment's bucket: ``retention`` for all its use cases, and what each of them says instead.

    Input histories, snapshots and what people keep have no rule: they stay.
    """
    found = [Expiration(name=QUERIES, prefix=f"{QUERIES}/", days=QUERY_RESULT_DAYS)]
    for name, own in use_cases.items():
        for build_class in classes_in(environment):
            found.extend(_of_class(name, build_class, retention_of(build_class, own, retention)))
    return found


def _of_class(use_case: str, build_class: BuildClass, retention: Retention) -> Iterator[Expiration]:
    name, prefix = f"{use_case}-{build_class}", class_prefix(use_case, build_class)
    if retention.longest_days is not None or retention.history_days is not None:
        yield Expiration(name=name, prefix=prefix, days=retention.longest_days, noncurrent_days=retention.history_days)
    if retention.evidence_days is not None:
        yield Expiration(name=f"{name}-data", prefix=prefix, days=retention.days, larger_than_bytes=EVIDENCE_BYTES)
