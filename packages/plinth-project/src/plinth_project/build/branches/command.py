"""The command ``clean-up``: removes what belongs to feature branches that have ended."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from plinth_project.build.branches.records import read_records, registry_bucket
from plinth_project.build.branches.removal import Removal, reason_to_remove
from plinth_project.build.foundation import Foundation
from plinth_project.build.git import contains, remote_branches
from plinth_project.documents import ProjectError
from plinth_project.names import MAIN

DAYS = "FEATURE_BRANCH_DAYS"
"""Variable of CI. The team's settings of the use case decide it."""
DEFAULT_DAYS = 30


def branch_days() -> int:
    """Returns the days after its last build after which a feature branch that is not merged is removed."""
    return int(os.environ.get(DAYS, DEFAULT_DAYS))


def clean_up(root: Path, foundation: Foundation, sessions: tuple[Any, Any], *, only_print: bool = False) -> None:
    """Removes branches that have ended. ``sessions`` are those of the registry and of the operator role.

    Raises: ProjectError, after the other branches, if one of them could not be removed.
    """
    now, faults = datetime.now(UTC), []
    registry, development = sessions
    tips = remote_branches(root)
    if not tips.keys() & set(MAIN):
        raise ProjectError("git: the remote repository has no main; no branch is removed")
    for branch, builds in read_records(foundation, registry_bucket(foundation, registry)).items():
        reason = reason_to_remove(builds, tips, lambda commit: contains(root, commit), now, branch_days())
        if not reason:
            print(f"{branch}: stays")
            continue
        print(f"{branch}: {reason}, {'would be' if only_print else 'is'} removed", flush=True)
        if only_print:
            continue
        removal = Removal(
            foundation=foundation, registry=registry, development=development, builds=builds, reason=reason, at=now
        )
        try:
            removal.run()
        except (ClientError, OSError, ProjectError) as error:
            faults.append(f"{branch}: {error}")
        else:
            print(f"{branch}: removed; see s3://{foundation.registry.bucket}/{removal.manifest_key}")
    if faults:
        raise ProjectError(*faults)
