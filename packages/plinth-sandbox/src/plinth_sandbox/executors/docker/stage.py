"""One stage of the build of an image: its root directory, and the instructions that change it.

``RUN`` and ``COPY`` run in the root directory, in namespaces of their own. The build has one user, the root of its
namespaces, so ``USER`` and ``--chown`` decide nothing before the image is used.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from plinth_sandbox.environment import AUTHORITIES_VARIABLES, PROXY_VARIABLES
from plinth_sandbox.executors.built_image import Configuration
from plinth_sandbox.executors.docker.context import unpacked
from plinth_sandbox.executors.docker.dockerfile import Instruction, assignments, exec_form, filled
from plinth_sandbox.executors.image_root import ImageRoot

_SHELL = ("/bin/sh", "-c")
_CONTEXT, _SECRETS, _AUTHORITIES = "/run/context", "/run/secrets", "/run/authorities.pem"
_COPY = """
set -e
target=$1; shift
case "$target" in */) mkdir -p "$target";; *) mkdir -p "$(dirname "$target")";; esac
for source in "$@"; do
  if [ -d "$source" ] && [ ! -L "$source" ]; then mkdir -p "$target"; cp -RP --preserve=mode "$source/." "$target"
  else cp -P --preserve=mode "$source" "$target"; fi
done
"""
_IGNORED = frozenset({"EXPOSE", "HEALTHCHECK", "MAINTAINER", "ONBUILD", "STOPSIGNAL", "VOLUME"})
"""Instructions that change nothing of what the sandbox runs."""


class StepError(Exception):
    """An instruction failed."""


@dataclass(slots=True)
class Stage:
    """State of a stage after the instructions that have run."""

    environment: Path
    kept: Path
    """Folder of what its instructions change."""
    layers: Sequence[Path]
    """The layers below, the uppermost first."""
    configuration: Configuration
    context: Path
    secrets: Mapping[str, str]
    arguments: dict[str, str] = field(default_factory=dict)
    """Values of the arguments that the stage has declared."""
    shell: Sequence[str] = _SHELL

    def perform(self, step: Instruction, given: Mapping[str, str], find: Callable[[str], Stage]) -> None:
        """Performs an instruction. ``given`` are the arguments of the build. ``find`` returns an earlier stage, or the
        beginning of one from an image.

        Raises: DockerfileError, StepError.
        """
        text = step.rest if step.name in ("RUN", "CMD", "ENTRYPOINT", "SHELL") else filled(step.rest, self._known)
        match step.name:
            case "RUN":
                self._run(step)
            case "COPY" | "ADD":
                self._copy(replace(step, rest=text), find)
            case "ARG":
                name, _, value = text.partition("=")
                self.arguments[name] = given.get(name, value.strip("\"'"))
            case "ENV":
                self._configure(variables={**self.configuration.variables, **assignments(text)})
            case "LABEL":
                self._configure(labels={**self.configuration.labels, **assignments(text)})
            case "WORKDIR":
                self._configure(directory=posixpath.join(self.configuration.directory, text))
                self._start(["mkdir", "-p", self.configuration.directory], {}, "/")
            case "USER":
                self._configure(user=text)
            case "CMD":
                self._configure(command=exec_form(text) or [*self.shell, text])
            case "ENTRYPOINT":
                self._configure(entry_point=exec_form(text) or [*self.shell, text], command=())
            case "SHELL":
                self.shell = exec_form(text) or _refuse(step, "its words must be a JSON list")
            case name if name in _IGNORED:
                pass
            case _:
                _refuse(step, "the sandbox does not know it")

    @property
    def _known(self) -> dict[str, str]:
        return {**self.arguments, **self.configuration.variables}

    def _configure(self, **changes: object) -> None:
        self.configuration = replace(self.configuration, **changes)  # type: ignore[arg-type]

    def _run(self, step: Instruction) -> None:
        flags, text = step.flags()
        shown: dict[str, str] = {}
        for name, value in flags:
            options = dict(part.partition("=")[::2] for part in value.split(","))
            kind = options.get("type", "bind") if name == "mount" else name
            if kind == "secret":
                shown |= self._secret(step, options)
            elif kind != "cache":
                _refuse(step, f"the sandbox does not know --{name}={value}")
        command = [*self.shell, step.document] if step.document else exec_form(text) or [*self.shell, text]
        code = self._start(command, shown, self.configuration.directory)
        if code:
            raise StepError(f'process "{" ".join(command)}" did not complete successfully: exit code: {code}')

    def _secret(self, step: Instruction, options: Mapping[str, str]) -> dict[str, str]:
        """Returns the content of a secret by its path. One that the build does not have is left out, unless it is
        required."""
        name = options.get("id", "")
        if name not in self.secrets:
            if options.get("required") in ("", "true"):
                raise StepError(f"secret {name}: not found")
            return {}
        target = options.get("target") or options.get("dst") or f"{_SECRETS}/{name}"
        return {target: self.secrets[name]} if target.startswith("/run/") else _refuse(step, "secrets are below /run")

    def _copy(self, step: Instruction, find: Callable[[str], Stage]) -> None:
        flags, rest = step.flags()
        words = exec_form(rest) or rest.split()
        if len(words) < 2 or step.document:
            _refuse(step, "it needs at least one source and a target, and the sandbox copies no here-documents")
        *sources, target = words
        options = dict(flags)
        if any("://" in source for source in sources):
            _refuse(step, "the sandbox adds no files of other hosts")
        folder = self._of_other(step, find(options["from"]), sources) if "from" in options else self.context
        paths = [path for source in sources for path in _matching(folder, source)]
        if step.name == "ADD":
            place = Path(tempfile.mkdtemp(dir=self.kept.parent))
            folder, paths = place, unpacked(folder, paths, place)
        found = [f"{_CONTEXT}/{path}" for path in paths]
        whole = posixpath.join(self.configuration.directory, target)
        if len(found) > 1 or target in (".", ".."):
            whole = f"{whole}/"
        if self._start(["/bin/sh", "-c", _COPY, "sh", whole, *found], {}, "/", {_CONTEXT: folder}):
            raise StepError(f"failed to copy files: {step}")
        if mode := options.get("chmod"):
            self._start(["chmod", "-R", mode, whole], {}, "/")

    def _of_other(self, step: Instruction, other: Stage, sources: Sequence[str]) -> Path:
        """Returns a folder with what another stage has at these paths."""
        folder = Path(tempfile.mkdtemp(dir=self.kept.parent))
        names = [source.lstrip("/") for source in sources]
        command = ["/bin/sh", "-c", f'cp -RP --preserve=mode --parents "$@" {_CONTEXT}', "sh", *names]
        if other._start(command, {}, "/", {_CONTEXT: folder}):
            raise StepError(f"failed to compute cache key: {step}: not found")
        return folder

    def _start(
        self,
        command: Sequence[str],
        files: Mapping[str, str],
        directory: str,
        folders: Mapping[str, Path] | None = None,
    ) -> int:
        """Runs a command in the root directory, with files by their path, and returns its exit code."""
        with tempfile.TemporaryDirectory(dir=self.kept.parent) as scratch:
            place, shown = Path(scratch) / "root", dict(folders or {})
            place.mkdir()
            for number, (path, content) in enumerate(files.items()):
                shown[path] = Path(scratch) / f"file-{number}"
                shown[path].write_text(content)
            variables = self._variables(shown)
            root = ImageRoot(environment=self.environment, place=place, layers=self.layers, kept=self.kept, shown=shown)
            sys.stdout.flush()
            words = root.words(directory, command)
            return subprocess.run(words, env=variables, stdin=subprocess.DEVNULL, check=False).returncode

    def _variables(self, shown: dict[str, Path]) -> dict[str, str]:
        # Containers of a build have the way to AWS and to the package index without variables at AWS.
        network = {name: os.environ[name] for name in PROXY_VARIABLES if name in os.environ}
        authorities = os.environ.get(AUTHORITIES_VARIABLES[0])
        if authorities:
            shown[_AUTHORITIES] = Path(authorities)
            network |= dict.fromkeys((*AUTHORITIES_VARIABLES, "PIP_CERT"), _AUTHORITIES)
        return {"HOME": "/root", **network, **self._known}


def _matching(folder: Path, source: str) -> list[str]:
    """Returns the paths below a folder that a pattern of ``COPY`` names. Raises StepError."""
    pattern = posixpath.normpath(source.lstrip("/") or ".")
    if pattern.startswith(".."):
        raise StepError(f'forbidden path outside the build context: {source} ("..")')
    found = ["."] if pattern == "." else sorted(str(path.relative_to(folder)) for path in folder.glob(pattern))
    if not found:
        raise StepError(f'failed to compute cache key: "/{pattern}": not found')
    return found


def _refuse(step: Instruction, reason: str) -> NoReturn:
    raise step.error(f"{step.name}: {reason}")
