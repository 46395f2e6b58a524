"""The steps of a page: the commands of its shell blocks with the output that it shows, and its edits of settings."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED_FILE = re.compile(r"# (environments/[\w.-]+\.yaml)\n")
_SALT = re.compile(r"^encryptionsalt: .+\n", re.MULTILINE)
_HEREDOC = re.compile(r"<<'?(\w+)'?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command that the reader types."""

    line: int
    """The line of the page."""
    text: str
    shown: tuple[str, ...] = ()
    """Lines of output that the page shows, for this command and for those before it in its block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFile:
    """A settings file that the page shows as a whole."""

    path: str
    content: str

    def write(self, project: Path) -> None:
        """Writes the file. The key with which the engine has marked the old one stays, as it does in an editor."""
        file = project / self.path
        kept = _SALT.findall(file.read_text()) if file.exists() else []
        file.write_text("".join([self.content, *kept]))


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedLine:
    """One setting with its old and its new value."""

    key: str
    old: str
    new: str

    def apply(self, project: Path) -> None:
        """Changes the one settings file that has the old value. The file may be YAML or JSON."""
        line = re.compile(rf'("?{self.key}"?: "?){re.escape(self.old)}("?,?)$', re.MULTILINE)
        files = [project / "Pulumi.yaml", *(project / "environments").glob("Pulumi.*.yaml")]
        (file,) = (file for file in files if line.search(file.read_text()))
        file.write_text(line.sub(rf"\g<1>{self.new}\g<2>", file.read_text()))


Step = Command | NewFile | ChangedLine


def sections_of(page: Path) -> dict[str, list[Step]]:
    """Returns the steps of each section that has some. What is above the first heading belongs to the empty one.

    A file after the last command of its section is an example, and no step.
    """
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    line, found = 1, {}
    for heading, text in zip(["", *parts[1::2]], parts[::2], strict=True):
        steps = list(_steps(text, line))
        last = max((place for place, step in enumerate(steps) if isinstance(step, Command)), default=-1)
        if steps := [step for place, step in enumerate(steps) if place < last or not isinstance(step, NewFile)]:
            found[heading] = steps
        line += text.count("\n")
    return found


def steps_of(page: Path) -> list[Step]:
    """Returns the steps of a page in order."""
    return [step for steps in sections_of(page).values() for step in steps]


def _steps(text: str, first_line: int) -> Iterator[Step]:
    """Yields the steps of a text in order.

    A block ``sh`` consists of commands, and a block ``text`` directly after it is their output. In a block ``console``,
    commands begin with ``$`` and their output follows. A block ``yaml`` whose first line is a comment with a path is a
    file, and a block ``diff`` changes one.
    """
    found = list(_BLOCK.finditer(text))
    for block, following in zip_longest(found, found[1:]):
        line, content = first_line + text[: block.start()].count("\n") + 1, block["content"]
        match block["language"]:
            case "sh":
                shown: tuple[str, ...] = ()
                if following and following["language"] == "text" and not text[block.end() : following.start()].strip():
                    shown = tuple(following["content"].splitlines())
                yield from _of_shell(content, line, shown)
            case "console":
                yield from _of_console(content, line)
            case "yaml" if named := _NAMED_FILE.match(content):
                yield NewFile(path=named[1], content=content)
            case "diff":
                (key, old), (also, new) = (diff_line[1:].strip().split(": ") for diff_line in content.splitlines())
                assert key == also, f"line {line}: a diff changes the value of one setting"
                yield ChangedLine(key=key, old=old, new=new)


def _of_shell(content: str, line: int, shown: tuple[str, ...]) -> Iterator[Command]:
    commands = [(at, text) for at, text in _split(content, line) if not text.startswith("#")]
    for number, (at, text) in enumerate(commands, start=1):
        yield Command(line=at, text=text, shown=shown if number == len(commands) else ())


def _split(content: str, line: int) -> Iterator[tuple[int, str]]:
    """Yields the commands of a script, each with its line: as many lines as make a complete command."""
    pending: list[str] = []
    for number, script_line in enumerate(content.splitlines(), start=line):
        pending.append(script_line)
        if _is_complete(text := "\n".join(pending)):
            if text.strip():
                yield number - len(pending) + 1, text
            pending = []
    assert not pending, f"line {line}: the block ends within a command: {pending}"


def _is_complete(text: str) -> bool:
    if text.endswith("\\"):
        return False
    here = _HEREDOC.search(text)
    if here is not None:
        return text.endswith(f"\n{here[1]}")
    return subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False).returncode == 0


def _of_console(content: str, line: int) -> Iterator[Command]:
    at, typed, shown = line, "", list[str]()
    for number, console_line in enumerate(content.splitlines(), start=line):
        if console_line.startswith("$ "):
            if typed:
                yield Command(line=at, text=typed, shown=tuple(shown))
            at, typed, shown = number, console_line.removeprefix("$ "), []
        elif not shown and typed.endswith("\\"):
            typed += f"\n{console_line}"
        else:
            shown.append(console_line)
    yield Command(line=at, text=typed, shown=tuple(shown))
