"""Settings of reviews of pull requests."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import Checked, List, matching, within

_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_REPOSITORY = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}"
_REFERENCE = r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}"
_LARGEST_ID = 2**53
_KEY = r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+"


def _bucket(text: str) -> str:
    if not re.fullmatch(_BUCKET, text) or ".." in text:
        rule = "is not the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens"
        raise refusal(Code.FORMAT, rule, "write the name alone: acme-states, not s3://acme-states")
    return text


def _repository(text: str) -> str:
    if not re.fullmatch(_REPOSITORY, text) or text.endswith(".git"):
        rule = "is not a repository at GitHub: <owner>/<name>, without host and .git"
        raise refusal(Code.FORMAT, rule, "write it as acme/foundation")
    return text


StateBucket = Annotated[str, Checked(_bucket, {"pattern": f"^{_BUCKET}$", "minLength": 3, "maxLength": 63})]
KeyArn = Annotated[
    str,
    matching(
        _KEY,
        "is not the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>",
        "name the key itself, because aliases can be moved to another key",
    ),
]


GithubRepository = Annotated[str, Checked(_repository, {"pattern": f"^{_REPOSITORY}$"})]
GithubReference = Annotated[
    str,
    matching(
        _REFERENCE,
        "is not the name of a branch or environment: letters, digits, dots, hyphens, underscores and slashes",
        "write the name alone: main, not refs/heads/main; patterns are not allowed",
    ),
]
GithubId = Annotated[int, within(1, _LARGEST_ID, "")]


class GithubIds(Settings):
    """Ids that GitHub never gives to another owner or repository, unlike their names."""

    owner: GithubId = Field(description="Id of the owner: `gh api repos/acme/foundation --jq .owner.id`.")
    repository: GithubId = Field(description="Id of the repository: `gh api repos/acme/foundation --jq .id`.")


class GithubSettings(Settings):
    """The repository at GitHub whose workflows may review."""

    repository: GithubRepository = Field(
        description="Owner and name of the repository with the settings.", examples=["acme/foundation"]
    )
    ids: GithubIds | None = Field(
        default=None,
        description="Required for a repository that was created or renamed after 2026-07-15, or that has opted in: the "
        "subject of its tokens contains the ids. Default: the subject contains the names alone.",
    )
    branch: GithubReference = Field(default="main", description="The protected branch.")
    environment: GithubReference | None = Field(
        default=None,
        description="Environment of GitHub whose jobs may review, for jobs that name one. Restrict it to the protected "
        "branch.",
        examples=["review"],
    )

    @property
    def subjects(self) -> tuple[str, ...]:
        """Returns the subjects of tokens that are trusted: pull requests, the branch and the environment (GitHub
        Docs, "OpenID Connect reference", read 2026-11-23)."""
        owner, name = self.repository.split("/")
        repository = f"{owner}@{self.ids.owner}/{name}@{self.ids.repository}" if self.ids else self.repository
        contexts = ["pull_request", f"ref:refs/heads/{self.branch}"]
        if self.environment is not None:
            contexts.append(f"environment:{self.environment}")
        return tuple(f"repo:{repository}:{context}" for context in contexts)


class ReviewSettings(Settings):
    """The identities that review pull requests, and the states that reviews read."""

    state_bucket: StateBucket | None = Field(
        default=None,
        description="S3 bucket of `PULUMI_BACKEND_URL`. Reviews may read the states in it, and write nothing. Default: "
        "reviews get no access to a bucket.",
        examples=["acme-states"],
    )
    state_keys: List[KeyArn] = Field(
        default=(),
        description="KMS keys that encrypt the bucket and the secrets of states. Reviews may decrypt with them.",
    )
    github: GithubSettings | None = Field(
        default=None, description="Repository at GitHub whose workflows get the role for reviews. Default: none."
    )
