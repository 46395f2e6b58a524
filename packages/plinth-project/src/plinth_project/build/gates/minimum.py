"""Minimum gates: a pipeline with weaker gates than the foundation requires passes no check and is not rendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plinth_project.build.configuration import Configuration
from plinth_project.build.foundation import MinimumGate
from plinth_project.build.problems import Problems
from plinth_project.documents import ProjectError


def refuse_weak_gates(
    configuration: Configuration, minimum: Mapping[str, MinimumGate], problems: Problems, file: str
) -> None:
    """Raises ProjectError with a sentence for each metric whose gate is missing or weaker than its minimum."""
    faults = [
        f"{file}: gates: {fault}"
        for metric in sorted(minimum)
        for fault in _faults(configuration, metric, minimum[metric], problems)
    ]
    if faults:
        raise ProjectError(*faults)


def _faults(configuration: Configuration, metric: str, minimum: MinimumGate, problems: Problems) -> Iterator[str]:
    known = problems[configuration.problem]
    if metric not in known:
        if not any(metric in names for names in problems.values()):
            yield f"the foundation limits {metric}, which no problem has; known are {', '.join(known)}"
        return
    for field, limit in minimum.model_dump(exclude_none=True).items():
        given = [getattr(gate, field) for gate in configuration.gates if gate.metric == metric]
        limits = [value for value in given if value is not None]
        if not limits:
            yield f"{metric} has no gate {field}; the foundation requires {field} {limit:g}"
            continue
        strictest = max(limits) if field == "at_least" else min(limits)
        if strictest < limit if field == "at_least" else strictest > limit:
            yield f"{metric} {field} {strictest:g} is weaker than the foundation requires, {field} {limit:g}"
