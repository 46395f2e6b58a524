"""Digests of the settings in a file, which show whether a changed file still has the same settings.

When the engine creates a stack, it creates or extends the stack file with its own keys, such as ``encryptionsalt``.
Comparing digests of settings avoids validating all files again after each new stack.
"""

from __future__ import annotations

import hashlib

from settings.derived.foundation import Foundation
from settings.files.loader import ProjectReader
from settings.rules.partial_config import stack_file
from settings.types.model import Settings

NO_SETTINGS = ""
"""Digest of a file without settings."""


def settings_digests(foundation: Foundation) -> dict[str, str]:
    """Returns the digest of the settings in each stack file by file name, including environments without a file."""
    return {
        **{stack_file(name): _digest(team) for name, team in foundation.teams.items()},
        **{stack_file(stack): _digest(environment) for stack, environment in foundation.environments.items()},
        **{stack_file(dataset.stack): _digest(dataset) for dataset in foundation.datasets.values()},
        **{stack_file(group.stack): _digest(group) for group in foundation.feature_groups.values()},
    }


def file_settings_digest(reading: ProjectReader, name: str, content: bytes | None) -> str | None:
    """Returns the digest of the settings in a stack file, or None if the file has faults."""
    reader = ProjectReader(reading.directory, reading.stack_directory)
    reader.stack_file(name, content)
    if reader.faults or content is None:
        return None
    parsed = (reader.teams, reader.environments, reader.datasets, reader.feature_groups)
    return next((_digest(partial.model) for partials in parsed for partial in partials.values()), NO_SETTINGS)


def _digest(settings: Settings) -> str:
    return hashlib.sha256(repr(settings).encode()).hexdigest()
