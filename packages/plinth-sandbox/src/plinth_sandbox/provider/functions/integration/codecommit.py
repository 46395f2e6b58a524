"""The default branch of a CodeCommit repository, which exists only after the first commit."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def set_default_branch(caller: Caller, known: Properties) -> None:
    """Sets the default branch. An empty repository has none, and the vendor's provider leaves it so."""
    name = known["repositoryName"]
    if caller.aws("list_branches", repositoryName=name)["branches"]:
        caller.aws("update_default_branch", repositoryName=name, defaultBranchName=known["defaultBranch"])


def keep_default_branch(_: Caller, known: Properties) -> Properties:
    """Returns the default branch of the program while the repository is empty."""
    return {"defaultBranch": known["defaultBranch"]} if known.get("defaultBranch") else {}
