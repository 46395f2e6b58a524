"""The command ``./project step``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from plinth_project.build.git import revision
from plinth_project.build.notebook_steps.cells import code_cells, read_notebook, with_note
from plinth_project.build.notebook_steps.data_flow import step_code
from plinth_project.build.notebook_steps.step_files import step_files
from plinth_project.documents import ProjectError

GROUPS = ("preprocessing", "postprocessing")
_STEP = re.compile(rf"({'|'.join(GROUPS)})/([a-z][a-z0-9_]*)")


def make_step(root: Path, notebook: Path, step: str) -> list[str]:
    """Creates a step from the cells of a notebook with the tag ``step:<name>``, and returns the paths of its files.

    The notebook then refers to the step, and the step to the notebook. Raises ProjectError, and creates nothing.
    """
    found = _STEP.fullmatch(step)
    if found is None:
        raise ProjectError(f"step: {step!r} is no name; allowed are "
                           f"{' and '.join(f'{allowed_group}/<name>' for allowed_group in GROUPS)} "
                           "with lower-case letters, digits and underscores, such as preprocessing/clean")  # fmt: skip
    group, name = found.groups()
    folder, file = root / "algorithms" / group / name, (root / notebook).resolve()
    if folder.exists():
        raise ProjectError(f"algorithms/{step}: exists; remove it, or choose another name")
    if not file.is_relative_to(root.resolve()):
        raise ProjectError(f"{notebook}: is outside of the repository; copy it to notebooks/")
    place, tag = file.relative_to(root.resolve()).as_posix(), f"step:{name}"
    document = read_notebook(file, place)
    code = step_code(code_cells(document, place, tag), tag, place)
    if name in {*code.inputs, *code.outputs, *code.parameters}:
        raise ProjectError(f"{place}: {name} is also a variable of the step; choose another name for the step")
    at = revision(root, {"BRANCH": "any"})
    origin = f"{', '.join(code.cells)} of {place}" + (f" at commit {at.commit[:10]}" if at.is_committed else "")
    changed = with_note(document, place, tag, f"algorithms/{step}")
    with tempfile.TemporaryDirectory(dir=root, prefix=".step-") as draft:
        made = Path(draft) / name
        for path, text in step_files(code, group, name, origin).items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8")
        shutil.move(made, folder)
    try:
        _format(root, folder)
    except ProjectError:
        shutil.rmtree(folder)
        raise
    file.write_text(changed, encoding="utf-8")
    return [path.relative_to(root).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]


def _format(root: Path, folder: Path) -> None:
    """Sorts imports, leaves out those that nothing uses, returns values without a name, and formats the files."""
    fixed = ["check", "--quiet", "--fix", "--unsafe-fixes", "--exit-zero", "--select", "F401,I,RET504"]
    for words in (fixed, ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *words, str(folder)]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ProjectError(f"ruff {words[0]} failed:\n{(done.stdout + done.stderr).strip()}")
