"""Names and keys of a branch of the use case.

Permissions and bucket policies of the foundation accept only these names: every name begins with
``<team>--<use case>-``, and keys follow the layout of the ML bucket.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

MAIN = ("main", "master")
USE_CASE_TAG = "plinth:use-case"
"""Tag by which roles and bills tell use cases apart. Its value is the name of the use case."""
OUTPUTS = "ml-pipeline-outputs"
_FEATURE = "feature-"
_READABLE = 30
_DIGITS = 10
_LONGEST_GROUP = 63
"""Longest name of a model package group (SageMaker API, CreateModelPackageGroup, read 2026-11-22)."""


def branch_folder(branch: str) -> str:
    """Returns the folder of a git branch: empty for main, ``develop``, or ``feature-<name>-<hash>``."""
    name = branch.removeprefix("refs/heads/")
    if name in MAIN:
        return ""
    if name == "develop":
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower().removeprefix("feature/"))[:_READABLE].strip("-")
    digest = sha256(name.encode()).hexdigest()[:_DIGITS]
    return f"{_FEATURE}{readable}-{digest}" if readable else f"{_FEATURE}{digest}"


def build_id(at: datetime, commit: str) -> str:
    """Returns the id of a build: UTC time and the start of the commit, such as ``20220621T101500-1a2b3c4``."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}-{commit[:7]}"


def time_of(build: str) -> datetime:
    """Returns the time at which a build began, from its id."""
    return datetime.strptime(build.partition("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """Names of one branch of a use case."""

    team: str
    use_case: str
    branch: str

    @property
    def prefix(self) -> str:
        return f"{self.team}--{self.use_case}"

    @property
    def repository(self) -> str:
        """Name of the build repository."""
        return f"{self.prefix}-build"

    @property
    def folder(self) -> str:
        """Folder of the branch in the ML bucket, which is empty for main."""
        return branch_folder(self.branch)

    @property
    def is_feature(self) -> bool:
        return self.folder.startswith(_FEATURE)

    def pipeline(self, definition: str) -> str:
        """Returns the name of a pipeline, by the name of its folder in ``ml_pipelines``."""
        return f"{self.prefix}-{definition}-{self.folder or 'main'}"

    @property
    def group(self) -> str:
        """Model package group. A long name of a feature branch is shortened; its hash stays."""
        name = f"{self.prefix}-{self.folder or 'main'}"
        if len(name) <= _LONGEST_GROUP:
            return name
        digest = self.folder[-_DIGITS:]
        return f"{name[: _LONGEST_GROUP - _DIGITS - 1].rstrip('-')}-{digest}"

    @property
    def jobs(self) -> str:
        """Prefix of the names of jobs. SageMaker appends the execution and the step, so it is short."""
        return f"{self.prefix}-{f'f{self.folder[-_DIGITS:]}' if self.is_feature else self.folder or 'main'}"

    def image_tag(self, commit: str) -> str:
        """Returns the tag of the images of a commit. Those of feature branches begin with the branch, so that they
        expire (CI-05)."""
        return f"{self.folder}-{commit}" if self.is_feature else commit

    @property
    def builds(self) -> str:
        """Key prefix of the builds of the branch."""
        return f"{self.use_case}/{self.folder}/" if self.folder else f"{self.use_case}/"

    @property
    def history(self) -> str:
        """Key prefix of the input history of the use case."""
        return f"{self.use_case}/input/"

    @property
    def models(self) -> str:
        """Key prefix of the branch's models in the registry's bucket."""
        return f"{self.team}/{self.use_case}/models/{self.folder or 'main'}/"

    @property
    def retrainings(self) -> str:
        """Key prefix of the records of retrainings, in the registry's bucket."""
        return f"{self.team}/{self.use_case}/retrainings/"

    @property
    def open_branches(self) -> str:
        """Key prefix of the records of builds of feature branches, in the registry's bucket."""
        return f"{self.team}/{self.use_case}/branches/open/"

    @property
    def removed_branches(self) -> str:
        """Key prefix of the manifests of removed feature branches, in the registry's bucket."""
        return f"{self.team}/{self.use_case}/branches/removed/"
