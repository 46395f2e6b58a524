"""The folders of a project according to its Pulumi.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROJECT_FILE = "Pulumi.yaml"
_SETTINGS_FILES = "[Pp]ulumi.*"


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of a project."""

    directory: Path
    program_directory: Path
    settings_directory: Path
    virtual_environment: Path | None
    """The Python environment of the program; None if it is that of whoever runs it."""

    @classmethod
    def of(cls, directory: Path) -> Self:
        """Returns the layout of the project in ``directory``. Its Pulumi.yaml must be valid."""
        import yaml

        described = yaml.safe_load((directory / PROJECT_FILE).read_text(encoding="utf-8"))
        main = (directory / described.get("main", ".")).resolve()
        settings = (directory / described.get("stackConfigDir", ".")).resolve()
        runtime = described.get("runtime")
        options = runtime.get("options", {}) if isinstance(runtime, dict) else {}
        python = (directory / options["virtualenv"]).resolve() if options.get("virtualenv") else None
        return cls(directory, main if main.is_dir() else main.parent, settings, python)

    def is_settings_file(self, path: Path) -> bool:
        """Whether a path is that of the project file, or looks like that of a settings file, also if it was deleted."""
        return path == self.directory / PROJECT_FILE or (
            path.parent == self.settings_directory and path.match(_SETTINGS_FILES)
        )

    def settings_files(self) -> list[Path]:
        """Returns the project file, and every file whose name looks like a settings file of a stack."""
        return [self.directory / PROJECT_FILE, *sorted(self.settings_directory.glob(_SETTINGS_FILES))]
