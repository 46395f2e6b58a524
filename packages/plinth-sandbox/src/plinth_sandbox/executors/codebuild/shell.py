"""One shell in which all commands of a build run, as CodeBuild runs them: variables and the folder stay."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class Shell:
    def __init__(
        self, program: Sequence[str], folder: Path, variables: Mapping[str, str], log: Path, scratch: Path
    ) -> None:
        """``program`` is the command that starts the shell, and ``scratch`` a folder for the text of the commands."""
        self._program, self._folder, self._variables = program, folder, dict(variables)
        self._log, self._scratch = log, scratch
        self._process: subprocess.Popen[bytes] | None = None
        self._count = self._reports = 0

    def run(self, command: str) -> int:
        """Runs a command and returns its exit status. A command that ends the shell ends what earlier ones set."""
        if self._process is None:
            self._start()
        assert self._process is not None
        assert self._process.stdin is not None
        self._count += 1
        script = self._scratch / f"command-{self._count}"
        script.write_text(command + "\n")
        # A file instead of the text itself, so that a syntax error ends this command and no other.
        # By its path, because POSIX shells know file descriptors of one digit only.
        words = f". {script} </dev/null; echo $? >/dev/fd/{self._reports}\n"
        try:
            self._process.stdin.write(words.encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            return self._ended()
        status = self._statuses.readline()
        return int(status) if status else self._ended()

    def value(self, name: str) -> str:
        """Returns a variable of the shell."""
        target = self._scratch / "value"
        target.unlink(missing_ok=True)
        self.run(f'printf %s "${{{name}}}" > {target}')
        return target.read_text() if target.exists() else ""

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._ended()

    def _start(self) -> None:
        reading, writing = os.pipe()
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._program,
                cwd=self._folder,
                env=self._variables,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[writing],
            )
        self._reports = writing
        os.close(writing)
        self._statuses = os.fdopen(reading)

    def _ended(self) -> int:
        assert self._process is not None
        status = self._process.wait()
        self._statuses.close()
        self._process = None
        return status
