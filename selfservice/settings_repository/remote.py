"""The remote repository of the settings, and how git signs in to it."""

from __future__ import annotations

import re
from pathlib import Path

from selfservice.engine.account_access import Account
from selfservice.use_cases.codecommit_access import access
from selfservice.use_cases.git import git, succeeds
from settings.types.aws.account_access import AccountAccess

ACCOUNT = "plinth.account"
"""Configuration of git in a working copy: the account of its repository in CodeCommit."""
_CODECOMMIT = re.compile(r"https://git-codecommit\.(?P<region>[a-z0-9-]+)\.[a-z.]+/v1/repos/.+")


def remote_git(folder: Path, remote: str, *words: str) -> str:
    """Returns the output of a command of git that calls the remote repository.

    If the working copy names the account of its repository in CodeCommit, git signs in to it with the role that AWS
    Organizations created there. Otherwise it signs in as git is configured. Raises: GitError.
    """
    # Not ``remote get-url``, which returns the address that a rule of git's configuration replaces it with.
    address = _CODECOMMIT.fullmatch(git(folder, "config", f"remote.{remote}.url"))
    if address is None or not succeeds(folder, "config", ACCOUNT):
        return git(folder, *words)
    account_id = git(folder, "config", ACCOUNT)
    account = Account(account_id, address["region"], AccountAccess().role_arn(account_id), session_name="plinth-git")
    configuration, environment = access(account, address[0])
    return git(folder, *words, configuration=configuration, environment=environment)
