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
                "name": progress.capability.name,
                "phase": progress.capability.phase,
                "requirements": progress.capability.requirements,
                "deployed": progress.deployed,
                "needed": progress.needed,
                "missing_for": [team for team in progress.missing if team],
                "next": progress.next_step,
            }
            for progress in assessment.found
        ],
    }
    return json.dumps(document, indent=2)


def _lines(assessment: Assessment) -> Iterator[str]:
    width = max(len(progress.capability.name) for progress in assessment.found)
    for phase in PHASES:
        yield f"{phase:<{width + 2}}{assessment.score(phase):>4} %"
        for progress in assessment.of(phase):
            yield (
                f"  {progress.capability.name:<{width}}{_count(progress):>6}  "
                f"{', '.join(progress.capability.requirements)}"
            ).rstrip()
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
        yield from (
            f"  {next_step.capability.name}{_teams(next_step)}: {next_step.next_step}"
            for next_step in assessment.next_steps
        )


def _count(progress: Found) -> str:
    return f"{progress.deployed}/{progress.needed}"


def _teams(progress: Found) -> str:
    teams = [team for team in progress.missing if team]
    more = f" and {len(teams) - _SHOWN_TEAMS} more" if len(teams) > _SHOWN_TEAMS else ""
    return f" ({', '.join(teams[:_SHOWN_TEAMS])}{more})" if teams else ""
