"""The folders of a project according to its Pulumi.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROJECT_FILE = "Pulumi.yaml"


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of a project."""

    directory: Path
    program_directory: Path
    settings_directory: Path

    @classmethod
    def of(cls, directory: Path) -> Self:
        """Returns the layout of the project in ``directory``. Its Pulumi.yaml must be valid."""
        import yaml

        described = yaml.safe_load((directory / PROJECT_FILE).read_text(encoding="utf-8"))
        main = (directory / described.get("main", ".")).resolve()
        settings = (directory / described.get("stackConfigDir", ".")).resolve()
        return cls(directory, main if main.is_dir() else main.parent, settings)

    def settings_files(self) -> list[Path]:
        """Returns the project file, and every file whose name looks like a settings file of a stack."""
        return [self.directory / PROJECT_FILE, *sorted(self.settings_directory.glob("[Pp]ulumi.*"))]
