"""The problems of a report: each root error once, and the refusals of policies by rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from selfservice.formatting import counted
from selfservice.operations.operation import Outcome, Problem, Status

_NAMED_STACKS = 3
"""Number of stacks that are named where several have the same error."""


def refusals_as_lines(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """Yields each rule that refused resources, its findings, and the resources of each finding."""
    by_rule: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for stack, outcome in outcomes.items():
        for problem in outcome.problems:
            if problem.rule:
                by_rule[problem.rule][problem.finding].append(f"{stack}: {problem.urn or 'the stack'}")
    for rule, findings in by_rule.items():
        yield f"refused by {rule}: {counted(sum(map(len, findings.values())), 'resource')}"
        for finding, resources in findings.items():
            yield from (f"  {resource}" for resource in resources)
            yield from (f"    {line}" for line in finding.splitlines())
    held_up = _held_up(outcomes)
    for stack, outcome in outcomes.items():
        if held_up[stack] and any(problem.rule for problem in outcome.problems):
            yield f"  {stack} held up {counted(held_up[stack], 'other stack')}"


def errors_as_lines(outcomes: Mapping[str, Outcome], log: Callable[[str], Path]) -> Iterator[str]:
    """Yields each error once, with the stacks that have it and the number of stacks that they held up.

    Errors are equal if only the names of resources differ, for example if credentials expired during a command, or if
    no request reaches a service.
    """
    alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for stack, outcome in outcomes.items():
        errors = [problem for problem in outcome.problems if not problem.rule]
        if errors or outcome.status is Status.FAILED:
            alike[(outcome.status, *dict.fromkeys(problem.cause for problem in errors))].append(stack)
    held_up = _held_up(outcomes)
    for first, *others in alike.values():
        outcome = outcomes[first]
        yield f"{first}: {outcome.status}"
        yield from _distinct_problems([problem for problem in outcome.problems if not problem.rule])
        if others:
            yield f"  the same in {counted(len(others), 'other stack')}: {_named(others)}"
        waiting = sum(held_up[stack] for stack in (first, *others))
        if waiting:
            yield f"  held up {counted(waiting, 'other stack')}"
        if outcome.status in (Status.FAILED, Status.INTERRUPTED) and log(first).exists():
            yield f"  full log: {log(first)}"


def _held_up(outcomes: Mapping[str, Outcome]) -> Counter[str]:
    return Counter(outcome.held_up_by for outcome in outcomes.values() if outcome.held_up_by)


def _distinct_problems(problems: Sequence[Problem]) -> Iterator[str]:
    """Yields the first of the problems with the same cause, and the number of the others."""
    alike: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        alike[problem.cause].append(problem)
    for first, *others in alike.values():
        yield from _problem_lines(first)
        if others:
            yield f"    the same for {counted(len(others), 'other resource')}"


def _problem_lines(problem: Problem) -> list[str]:
    """Returns a problem and its resource, indented below the stack."""
    first, *more = problem.message.splitlines() or [""]
    lines = [f"  {problem.urn}", f"    {first}"] if problem.urn else [f"  {first}"]
    return lines + [f"    {line}" for line in more]


def _named(stacks: Sequence[str]) -> str:
    more = [f"{len(stacks) - _NAMED_STACKS} more"] if len(stacks) > _NAMED_STACKS else []
    return ", ".join([*stacks[:_NAMED_STACKS], *more])
