"""Follows a page: runs its commands and applies its edits, in order, and compares what the page shows."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from tests.support.guides.output import missing_line
from tests.support.guides.pages import reason_not_to_run
from tests.support.guides.shell import Shell
from tests.support.guides.steps import ChangedLine, Command, NewFile, Step, sections_of, steps_of
from tests.support.workbench import REPOSITORY

_STATUS = "echo $?"


def follow(page: str, shell: Shell, project: Path, section: str | None = None) -> str:
    """Follows a page, or one section of it, in a shell. Its settings files are those of ``project``. Returns what its
    commands printed.

    A command must succeed, unless the page prints its exit status next. A command in the background has come far enough
    when it has printed what the page shows.
    """
    steps = steps_of(REPOSITORY / page) if section is None else sections_of(REPOSITORY / page)[section]
    said, everything, left_out = "", "", False
    for step, following in zip_longest(steps, steps[1:]):
        match step:
            case NewFile():
                step.write(project)
            case ChangedLine():
                step.apply(project)
            case Command() if reason_not_to_run(page, step.text) or (left_out and step.text == _STATUS):
                left_out = True
            case Command():
                left_out = False
                printed = _run(page, shell, step, _wanted(following), said)
                everything += printed
                said = "" if step.shown else said + printed
    return everything


def _wanted(following: Step | None) -> int:
    """Returns the exit status that the page shows next, or success."""
    shows_status = isinstance(following, Command) and following.text == _STATUS
    return int(following.shown[0]) if shows_status and isinstance(following, Command) else 0


def _run(page: str, shell: Shell, command: Command, wanted: int, before: str) -> str:
    """Runs a command. Returns what it printed. ``before`` is the output that the page has not shown yet."""
    in_background = command.text.rstrip().endswith("&")
    shown = command.shown
    status, said = shell.run(command.text, (lambda text: missing_line(shown, text) is None) if in_background else None)
    where = f"{page}:{command.line}: {command.text}"
    if command.text != _STATUS:
        assert status == wanted, f"{where}\nended with {status} instead of {wanted}:\n{said[-6000:]}"
    missing = missing_line(shown, before + said)
    assert missing is None, f"{where}\ndid not print this line of the page: {missing}\nbut:\n{said[-6000:]}"
    return said
