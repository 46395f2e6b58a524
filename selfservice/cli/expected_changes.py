"""What `up` and `destroy` would change, in lines above the question that they ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from selfservice.formatting import counted, resource_name
from selfservice.runner.operation import Outcome

_STEPS = {"create": "created", "update": "changed", "replace": "replaced", "delete": "deleted"}
_REMOVING = ("replace", "delete")
_LISTED_REMOVALS = 20
_NO_RESOURCES = ("pulumi:pulumi:Stack", "pulumi:providers:")
"""Types of a state that are nothing in AWS."""


def changes_of_update(outcomes: Mapping[str, Outcome]) -> list[str]:
    """Returns how many resources an update would create, change, replace and delete, and the names of those that it
    would replace or delete. The outcomes are those of previews with differences.
    """
    steps: Counter[str] = Counter()
    for outcome in outcomes.values():
        for step, number in outcome.changes.items():
            steps["create" if step == "import" else step if step in _STEPS else "update"] += number
    told = [f"{steps[step]} {done}" for step, done in _STEPS.items() if steps[step]]
    return [f"would be: {', '.join(told)}" if told else "nothing would change", *_removals(outcomes)]


def _removals(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    found = [
        f"  {one.step} {stack}: {resource_name(one.urn)}"
        for stack, outcome in outcomes.items()
        for one in outcome.differences
        if one.step in _REMOVING
    ]
    yield from sorted(found)[:_LISTED_REMOVALS]  # deletions before replacements
    if len(found) > _LISTED_REMOVALS:
        yield f"  and {len(found) - _LISTED_REMOVALS} more, which `plinth preview --diff` lists"


def changes_of_destruction(resources: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Returns how many resources of each stack a destruction deletes, from the resources of the states."""
    numbers = {
        stack: sum(not str(one["type"]).startswith(_NO_RESOURCES) for one in held) for stack, held in resources.items()
    }
    total = counted(sum(numbers.values()), "resource")
    return [f"would be deleted: {total}", *(f"  {stack}: {number}" for stack, number in numbers.items() if number)]
