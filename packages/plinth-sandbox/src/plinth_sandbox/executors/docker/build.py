"""Builds an image: performs the instructions of a dockerfile over the folders that stand for its base images.

Source: Dockerfile reference (read 2026-11-27).
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from plinth_sandbox.executors import container_images
from plinth_sandbox.executors.built_image import (
    BuiltImage,
    Configuration,
    layer_of_changes,
    layer_of_files,
    unpacked_layers,
    whiteout,
)
from plinth_sandbox.executors.docker.dockerfile import DockerfileError, Instruction, filled, instructions
from plinth_sandbox.executors.docker.stage import Stage
from plinth_sandbox.executors.environments import PIP, programs_of
from plinth_sandbox.executors.image_root import UPPER, ImageRoot, admit


@dataclass(slots=True)
class ImageBuild:
    """The build of one image in a folder of its own."""

    folder: Path
    base: Callable[[str], BuiltImage | Path]
    """Finds a base image: one that was built, or the environment that stands for it."""
    image: Callable[[str], BuiltImage | Path]
    """Finds an image that ``COPY --from`` names."""
    context: Path
    arguments: Mapping[str, str]
    secrets: Mapping[str, str]
    performs: bool = True
    """Whether instructions are performed. Otherwise they are read only, and the image has no layers."""
    _stages: dict[str, Stage] = field(default_factory=dict)
    """The stages by name, and by number."""
    _images: dict[str, Stage] = field(default_factory=dict)
    """Beginnings of stages from images that ``COPY --from`` named."""
    _archives: dict[Path, bytes] = field(default_factory=dict)

    def run(self, text: str) -> BuiltImage:
        """Builds the last stage, and those before it. Each instruction is printed before it runs.

        Raises: DockerfileError, StepError.
        """
        steps, known, stage = list(instructions(text)), dict(self.arguments), None
        for number, step in enumerate(steps, start=1):
            sys.stdout.write(f"[{number}/{len(steps)}] {step}\n")
            if step.name == "FROM":
                stage = self._begin(step, known)
            elif stage is not None and not self.performs:
                continue
            elif stage is not None:
                stage.perform(step, {**known, **self.arguments}, self._named)
            elif step.name == "ARG":
                key, _, value = step.rest.partition("=")
                known.setdefault(key, filled(value.strip("\"'"), known))
            else:
                raise step.error("no build stage in current context")
        if stage is None:
            raise DockerfileError("file with no instructions")
        layers = [self._archives[layer] for layer in reversed(stage.layers)]
        own = [layer_of_changes(stage.kept)] if self.performs else []
        return BuiltImage(environment=stage.environment, configuration=stage.configuration, layers=[*layers, *own])

    def _begin(self, step: Instruction, known: Mapping[str, str]) -> Stage:
        words = filled(step.flags()[1], known).split()
        if not words:
            raise step.error(f"base name ({step.rest}) should not be blank")
        number = sum(name.isdigit() for name in self._stages)
        kept = self.folder / f"stage-{number}"
        kept.mkdir()
        earlier = self._stages.get(words[0].lower())
        stage = self._continued(earlier, kept) if earlier else self._from_base(self.base(words[0]), kept)
        self._stages[str(number)] = stage
        if len(words) == 3 and words[1].upper() == "AS":
            self._stages[words[2].lower()] = stage
        return stage

    def _named(self, name: str) -> Stage:
        """Returns an earlier stage, or the beginning of one from the image of this name."""
        if stage := self._stages.get(name.lower()):
            return stage
        if name not in self._images:
            kept = Path(tempfile.mkdtemp(prefix="image-", dir=self.folder))
            self._images[name] = self._from_base(self.image(name), kept)
        return self._images[name]

    def _continued(self, stage: Stage, kept: Path) -> Stage:
        """Returns a stage that begins as an earlier one ended."""
        for overlay in stage.kept.iterdir():
            (kept / overlay.name).mkdir()
            subprocess.run(["cp", "-a", str(overlay / UPPER), str(kept / overlay.name)], check=True)
        return self._stage(stage.environment, kept, stage.layers, stage.configuration)

    def _from_base(self, found: BuiltImage | Path, kept: Path) -> Stage:
        if isinstance(found, BuiltImage):
            folder = kept.with_name(f"{kept.name}-base")
            found.unpack(folder)
            layers = unpacked_layers(folder)
            self._archives |= dict(zip(layers, reversed(found.layers), strict=True))
            return self._stage(found.environment, kept, layers, found.configuration)
        if not self.performs:
            return self._stage(found, kept, [], Configuration(variables=container_images.variables_of(found)))
        tools = self.folder / f"tools-{quote(str(found), safe='')}"
        if tools not in self._archives:
            _write_tools(found, tools)
            self._archives[tools] = layer_of_files(tools)
        configuration = Configuration(variables=container_images.variables_of(found))
        return self._stage(found, kept, [tools], configuration)

    def _stage(self, environment: Path, kept: Path, layers: Sequence[Path], configuration: Configuration) -> Stage:
        admit(kept, ImageRoot(environment=environment, place=kept).folders)
        return Stage(environment, kept, layers, configuration, self.context, self.secrets)


def _write_tools(environment: Path, folder: Path) -> None:
    """Writes the layer that makes an environment a base image: pip, which base images have, and no programs, which
    images of use cases add."""
    environment = container_images.python_environment(environment)
    inside = folder / str(environment).lstrip("/")
    inside.mkdir(parents=True)
    for program in programs_of(environment):
        whiteout(inside / "bin" / program)
    site, pip = next(environment.glob("lib/python*/site-packages"), None), importlib.util.find_spec("pip")
    if site is None or (site / "pip").exists() or pip is None or not pip.origin:
        return
    target = inside / site.relative_to(environment) / "pip"
    shutil.copytree(Path(pip.origin).parent, target, ignore=shutil.ignore_patterns("__pycache__"))
    script = inside / "bin" / "pip"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(PIP.format(python=environment / "bin" / "python"))
    script.chmod(0o755)
