"""A shell in which the commands of a page run one after the other and share variables and functions."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually

_END = "-- the command ended with"


@dataclass(slots=True)
class Shell:
    """The bash of a reader, without a terminal."""

    process: subprocess.Popen[bytes]
    output: Path
    """File with everything that the commands print."""
    _read: int = 0
    _status: int = 0

    @classmethod
    def start(cls, directory: Path, environment: Mapping[str, str], output: Path) -> Self:
        with output.open("wb") as stream:
            process = subprocess.Popen(
                ["bash", "--noprofile", "--norc"],
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        return cls(process, output)

    def run(self, command: str, until: Callable[[str], bool] | None = None) -> tuple[int, str]:
        """Returns the exit status and the output of a command.

        ``until`` tells from the output when a command in the background has come far enough. As at a prompt, ``$?`` is
        the status of the previous command.
        """
        assert self.process.stdin is not None
        script = f'(exit {self._status})\n{{ {command}\n}} </dev/null\necho "{_END} $?."\n'
        self.process.stdin.write(script.encode())
        self.process.stdin.flush()
        said = self._wait(command, lambda text: f"{_END} " in text and "." in text.rpartition(_END)[2])
        before, _, after = said.partition(f"{_END} ")
        status, _, after = after.partition(".\n")
        self._status = int(status)
        if until is not None:
            before += self._wait(command, lambda text: until(before + text), after)
        return self._status, before

    def _wait(self, command: str, done: Callable[[str], bool], said: str = "") -> str:
        """Returns the new output, preceded by ``said``, once it is enough."""
        parts = [said]

        def look() -> bool:
            has_ended = self.process.poll() is not None
            parts.append(self._new_output())
            is_done = done("".join(parts))
            assert is_done or not has_ended, f"the shell ended: {command}\n{''.join(parts)}"
            return is_done

        eventually(look, details=lambda: f"{command}\n{''.join(parts)}")
        return "".join(parts)

    def _new_output(self) -> str:
        with self.output.open("rb") as stream:
            stream.seek(self._read)
            found = stream.read()
        self._read += len(found)
        return found.decode(errors="replace")

    def close(self) -> None:
        """Ends the shell. What it left in the background continues."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(LONGEST_SECONDS)
