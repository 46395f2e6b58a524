"""Tells whether a settings file that changed still says the same.

The engine writes keys of its own, such as ``encryptionsalt``, into the file of a stack that it makes, and writes the
file where there is none. Otherwise every new stack would have the settings of everybody validated again.
"""

from __future__ import annotations

import hashlib

from settings.derived.foundation import Foundation
from settings.derived.partial_config import stack_file
from settings.files.loader import Reading
from settings.types.model import Settings

NOTHING = ""
"""The meaning of a file without settings."""


def meanings(foundation: Foundation) -> dict[str, str]:
    """What each stack file says, as a digest by the file's name; also for environments that have no file."""
    return {
        **{stack_file(name): _meaning(team) for name, team in foundation.teams.items()},
        **{stack_file(stack): _meaning(environment) for stack, environment in foundation.environments.items()},
        **{stack_file(dataset.stack): _meaning(dataset) for dataset in foundation.datasets.values()},
        **{stack_file(group.stack): _meaning(group) for group in foundation.feature_groups.values()},
    }


def meaning_of_file(reading: Reading, name: str, content: bytes | None) -> str | None:
    """What a stack file says, as a digest; None where it has faults."""
    alone = Reading(reading.directory, reading.stack_directory)
    alone.stack_file(name, content)
    if alone.faults or content is None:
        return None
    parsed = (alone.teams, alone.environments, alone.datasets, alone.feature_groups)
    return next((_meaning(draft.model) for drafts in parsed for draft in drafts.values()), NOTHING)


def _meaning(settings: Settings) -> str:
    return hashlib.sha256(repr(settings).encode()).hexdigest()
