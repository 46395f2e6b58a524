"""A person's working copy of a repository: its address, how git signs in, and who commits."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from selfservice.errors import BadInputError, RefusedError
from selfservice.use_cases.git import GitError, git, require_git

Configuration = Sequence[tuple[str, str]]
ENDPOINT = "AWS_ENDPOINT_URL"
"""Variable of a shell in which git reaches another server than CodeCommit, such as the sandbox."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingCopy:
    """A repository that a person clones."""

    url: str
    folder: Path
    person: str
    email: str
    account_id: str | None
    """Account of a repository in CodeCommit; None at a source provider, where git signs in as the person does."""
    profile: str | None = None
    """Profile of the AWS CLI with the person's credentials. None for the credentials of the shell."""

    def clone(self) -> None:
        """Clones the repository and configures the copy, which later commands of git use in any folder and shell.

        Raises: BadInputError if the folder is not empty or a program is missing; RefusedError if git cannot read the
        repository.
        """
        require_git()
        if self.folder.exists() and any(self.folder.iterdir()):
            raise BadInputError(f"{self.folder} is not empty; name another folder with --directory")
        if self.account_id and not os.environ.get(ENDPOINT) and shutil.which("aws") is None:
            raise BadInputError("no aws on the PATH: git signs in to CodeCommit with the AWS CLI; install it")
        kept = [word for key, value in self.configuration for word in ("--config", f"{key}={value}")]
        try:
            git(Path.cwd(), "clone", "--quiet", *kept, self.url, str(self.folder))
        except GitError as error:
            raise RefusedError(f"git cannot clone {self.url}: {error}") from error

    @property
    def configuration(self) -> Configuration:
        """Configuration of git in the copy."""
        identity = (("user.name", self.person), ("user.email", self.email))
        if self.account_id is None:
            return identity
        return (*identity, *sign_in(self.url, self.account_id, self.profile), ("plinth.person", self.person))


def sign_in(url: str, account_id: str, profile: str | None = None) -> Configuration:
    """Returns how git gets credentials for a repository in CodeCommit: from the AWS CLI (CodeCommit User Guide, "Setup
    steps for HTTPS connections with the AWS CLI credential helper").

    The helper of the sandbox reads ``plinth.account``.
    """
    host = urlsplit(url).netloc
    named = f" --profile {profile}" if profile else ""
    return (
        # The first, empty helper removes those of the user, which would store the password.
        (f"credential.https://{host}.helper", ""),
        (f"credential.https://{host}.helper", f"!aws{named} codecommit credential-helper $@"),
        (f"credential.https://{host}.useHttpPath", "true"),
        ("plinth.account", account_id),
    )
