"""Reads the result that a build posted as a comment on its commit (`report` in the template of build repositories)."""

from __future__ import annotations

from selfservice.engine.account_access import Account
from selfservice.formatting import in_one_line

_MOST_CHARACTERS = 400


def comment_of(account: Account, repository: str, commit: str, build: str) -> str | None:
    """Returns the result that a build posted on its commit, in one line; None if there is none, or none to be read.

    ``build`` is the id of the build with the name of its project.
    """
    joined = in_one_line(text_of(account, repository, commit, build) or "")
    return (f"{joined[: _MOST_CHARACTERS - 1]}…" if len(joined) > _MOST_CHARACTERS else joined) or None


def text_of(account: Account, repository: str, commit: str, build: str) -> str | None:
    """Returns the result that a build posted on its commit, without the heading, which names the build.

    None if there is none, or none to be read. Repositories at a source provider have no comments.
    """
    from botocore.exceptions import ClientError

    codecommit = account.client("codecommit")
    try:
        parents = codecommit.get_commit(repositoryName=repository, commitId=commit)["commit"]["parents"]
        compared = {"beforeCommitId": parents[0]} if parents else {}
        found = codecommit.get_comments_for_compared_commit(
            repositoryName=repository, afterCommitId=commit, **compared
        )["commentsForComparedCommitData"]
    except ClientError:  # the reader may lack the permission, or the commit is gone
        return None
    texts = [str(comment.get("content", "")) for place in found for comment in place["comments"]]
    text = next((text for text in reversed(texts) if build in text), "")
    return "\n".join(line for line in text.splitlines()[1:] if line.strip()) or None
