"""The assessment as text, and as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterator

from selfservice.assessment.assessment import Assessment, Found
from settings.types.kinds import PHASES

_SHOWN_TEAMS = 5


def as_text(assessment: Assessment) -> str:
    """Returns a line for each phase and capability, and what to do next."""
    return "\n".join(_lines(assessment))


def as_json(assessment: Assessment) -> str:
    document = {
        "organization": assessment.organization,
        "phase": assessment.phase,
        "reached": assessment.reached,
        "scores": {phase: assessment.score(phase) for phase in PHASES},
        "capabilities": [
            {
                "name": one.capability.name,
                "phase": one.capability.phase,
                "requirements": one.capability.requirements,
                "deployed": one.deployed,
                "needed": one.needed,
                "missing_for": [team for team in one.missing if team],
                "next": one.next_step,
            }
            for one in assessment.found
        ],
    }
    return json.dumps(document, indent=2)


def _lines(assessment: Assessment) -> Iterator[str]:
    width = max(len(one.capability.name) for one in assessment.found)
    for phase in PHASES:
        yield f"{phase:<{width + 2}}{assessment.score(phase):>4} %"
        for one in assessment.of(phase):
            yield f"  {one.capability.name:<{width}}{_count(one):>6}  {', '.join(one.capability.requirements)}".rstrip()
    yield ""
    reached = assessment.reached
    asked = f"the settings ask for {assessment.phase}"
    yield (
        f"{assessment.organization} has completed the phase {reached}; {asked}."
        if reached
        else (f"{assessment.organization} has not completed the phase {PHASES[0]}; {asked}.")
    )
    if assessment.next_steps:
        yield "Next:"
        yield from (f"  {one.capability.name}{_teams(one)}: {one.next_step}" for one in assessment.next_steps)


def _count(one: Found) -> str:
    return f"{one.deployed}/{one.needed}"


def _teams(one: Found) -> str:
    teams = [team for team in one.missing if team]
    more = f" and {len(teams) - _SHOWN_TEAMS} more" if len(teams) > _SHOWN_TEAMS else ""
    return f" ({', '.join(teams[:_SHOWN_TEAMS])}{more})" if teams else ""
