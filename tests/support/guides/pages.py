"""The pages that tests follow, and the commands of these pages that no test runs, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

OWN_ORGANIZATION = (
    "docs/guides/own-organization.md",
    "docs/guides/configuration.md",
    "docs/guides/command-line.md",
)
"""Pages that are followed one after the other, on the organization that the first of them founds."""

NOT_RUN: Mapping[tuple[str, str], str] = {
    ("docs/guides/command-line.md", "plinth affected"): "compares with a branch of the reader's git remote",
    ("docs/guides/command-line.md", "plinth completion fish"): "is for the shell fish, and bash runs this test",
    ("docs/guides/command-line.md", "plinth up fraud-production"): "needs a person at a terminal who presses Ctrl-C",
}
"""Beginnings of commands that no test runs, by page, with the reason. A command of a page is here, or it is run."""


def reason_not_to_run(page: str, command: str) -> str | None:
    """Returns why a command of a page is not run; None if it is run."""
    reasons = (why for (of, start), why in NOT_RUN.items() if of == page and command.startswith(start))
    return next(reasons, None)
