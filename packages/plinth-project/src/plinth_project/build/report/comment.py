"""Posts the result of a build as a comment on its commit.

CodeCommit has no status of commits. GitHub and GitLab have one, which CodeBuild sets itself, so nothing is posted
there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from plinth_project.build.git import Revision, parent
from plinth_project.build.report.result_text import is_worth_telling, result_text

RETRAIN = "retrain"
"""Value of the variable ``TASK`` in builds that train again. Limits keep most of them from it."""
_CODECOMMIT = "https://git-codecommit."


def report(root: Path, at: Revision, codecommit: Any, variables: Mapping[str, str] = os.environ) -> str:
    """Posts the result of the build of ``at`` and returns its text. A repeated call posts nothing."""
    if variables.get("TASK") == RETRAIN and not is_worth_telling(root, at.commit):
        return "Nothing was trained."
    build = variables.get("CODEBUILD_BUILD_ID", "")
    text = result_text(root, build, at.commit, succeeding=variables.get("CODEBUILD_BUILD_SUCCEEDING", "1") == "1")
    address = variables.get("CODEBUILD_SOURCE_REPO_URL", "")
    if address.startswith(_CODECOMMIT):
        before = parent(root, at.commit)
        codecommit.post_comment_for_compared_commit(
            repositoryName=address.rpartition("/")[2],
            afterCommitId=at.commit,
            content=text,
            clientRequestToken=sha256(f"{build} {text}".encode()).hexdigest(),
            **({"beforeCommitId": before} if before else {}),
        )
    return text
