"""Settings of the source provider: where the git repositories of use cases are."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import Checked, matching

SourceProvider = Literal["codecommit", "github", "gitlab", "bitbucket"]

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_NAMESPACE = rf"{_NAME}(/{_NAME})*"
_REPOSITORY = rf"{_NAMESPACE}/{_NAME}"
_CONNECTION = r"arn:aws:codeconnections:[a-z0-9-]+:[0-9]{12}:connection/[0-9a-f-]{36}"


def _namespace(text: str) -> str:
    if len(text) > 100 or not re.fullmatch(_NAMESPACE, text):
        rule = "is not the owner of repositories at a provider: names of letters, digits, hyphens, dots, underscores"
        raise refusal(Code.FORMAT, rule, "write it as acme, or with the parents of a group as acme/ml")
    return text


def _repository(text: str) -> str:
    if len(text) > 200 or text.endswith(".git") or not re.fullmatch(_REPOSITORY, text):
        rule = "is not a repository at a provider: <owner>/<name>, without host and .git"
        raise refusal(Code.FORMAT, rule, "write it as acme/fraud-scoring")
    return text


RepositoryNamespace = Annotated[
    str, Checked(_namespace, {"pattern": f"^{_NAMESPACE}$", "minLength": 1, "maxLength": 100})
]
RepositoryId = Annotated[str, Checked(_repository, {"pattern": f"^{_REPOSITORY}$", "minLength": 3, "maxLength": 200})]
ConnectionArn = Annotated[
    str,
    matching(
        _CONNECTION,
        "is not the ARN of a connection: arn:aws:codeconnections:<region>:<account>:connection/<id>",
        "copy it from `aws codeconnections list-connections`",
    ),
]


class SourceSettings(Settings):
    """The provider of the git repositories of use cases: CodeCommit, or a provider that a connection reaches."""

    provider: SourceProvider = Field(
        default="codecommit",
        description="Provider of the repositories. With another one than CodeCommit, a push at the provider is copied "
        "to a mirror in CodeCommit, which builds read.",
    )
    namespace: RepositoryNamespace | None = Field(
        default=None,
        description="Owner of the repositories at the provider: an organization of GitHub, a group of GitLab with its "
        "parents, a workspace of Bitbucket. Required for them.",
        examples=["acme"],
    )
    connection: ConnectionArn | None = Field(
        default=None,
        description="ARN of an existing connection in the tooling account. Default: the stack `tooling` creates one, "
        "which a person completes once in the console.",
    )
