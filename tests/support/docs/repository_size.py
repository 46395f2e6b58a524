"""Prints how large the generated repositories of a use case are: ``python -m tests.support.docs.repository_size``.

With a commit, it counts what the templates of that commit generate. Locks and samples are not counted, because nobody
reads them.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from copier import run_copy

from tests.templates.projects import ANSWERS, DEPLOYMENT, ROOT

UNREAD = ("requirements.txt", "*.csv", "*.ipynb", "*.whl", ".copier-answers.yml")
"""Files that are generated, or that nobody reads as text."""


def main(words: Sequence[str]) -> None:
    with TemporaryDirectory() as folder:
        templates = _templates_at(words[0], Path(folder)) if words else ROOT / "templates"
        for answers in (ANSWERS, DEPLOYMENT):
            target = Path(folder) / str(answers["repository"])
            run_copy(str(templates), target, data=answers, defaults=True, quiet=True)
            files, lines, python = size(target)
            sys.stdout.write(f"{target.name}: {files} files, {lines} lines, {python} of them in Python\n")


def size(repository: Path) -> tuple[int, int, int]:
    """Returns the number of files, of their lines, and of their lines in Python."""
    found = [file for file in repository.rglob("*") if file.is_file() and not any(map(file.match, UNREAD))]
    lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in found}
    return len(found), sum(lines.values()), sum(count for file, count in lines.items() if file.suffix == ".py")


def _templates_at(commit: str, folder: Path) -> Path:
    command = ["git", "archive", commit, "templates"]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as packed:
        packed.extractall(folder, filter="fully_trusted")  # the templates contain links to each other
    return folder / "templates"


if __name__ == "__main__":
    main(sys.argv[1:])
