"""The structure that continuous integration expects of the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_ROOT = ("algorithms", "ml_pipelines", "notebooks", "build_spec.yml", "README.md")
_TESTED = ("__main__.py", "README.md", "test", "test/test_*.py")
_GROUPS = {
    "preprocessing": (True, _TESTED),
    "training": (False, _TESTED),
    "inference": (False, ("__main__.py", "README.md")),
    "postprocessing": (True, _TESTED),
}
"""Whether a group of steps is mandatory, and what each of its steps contains."""
_LIBRARIES = "shared_libraries"
_DOCKERFILE = "dockerfile"
_STEP_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CONTAINER_ROOT = "/opt/ml"


def structure_faults(root: Path) -> list[str]:
    """Returns a sentence for each missing path, each misplaced one, and each link that leaves the repository."""
    return [
        *(_missing(name) for name in _ROOT if not (root / name).exists()),
        *_libraries(root),
        *_steps(root),
        *_pipelines(root),
        *_notebooks(root),
        *_literal_paths(root),
        *_strays(root),
        *_dockerfiles(root),
        *_links(root),
    ]


def _missing(path: str) -> str:
    return f"{path}: missing"


def _absent(root: Path, folder: str, patterns: tuple[str, ...]) -> Iterator[str]:
    if (root / folder).is_dir():
        for pattern in patterns:
            if not any((root / folder).glob(pattern)):
                yield _missing(f"{folder}/{pattern}")


def _libraries(root: Path) -> Iterator[str]:
    folder = f"algorithms/{_LIBRARIES}"
    if not (root / "algorithms").is_dir():
        return
    if not (root / folder).is_dir():
        yield _missing(folder)
        return
    yield from _absent(root, folder, ("README.md", "test", "test/test_*.py"))
    if not any(file.name != "__init__.py" for file in (root / folder).glob("*.py")):
        yield _missing(f"{folder}/<help_functions>.py")


def _steps(root: Path) -> Iterator[str]:
    algorithms = root / "algorithms"
    if not algorithms.is_dir():
        return
    for group, (mandatory, content) in _GROUPS.items():
        steps = _folders(algorithms / group)
        if mandatory and not steps:
            yield _missing(f"algorithms/{group}" + ("/<job>" if (algorithms / group).is_dir() else ""))
        for step in steps:
            place = step.relative_to(root).as_posix()
            if not _STEP_NAME.fullmatch(step.name):
                yield f"{place}: rename the folder to lower-case letters, digits and underscores, so that it can be run"
            yield from _absent(root, place, content)


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__")


def _pipelines(root: Path) -> Iterator[str]:
    folder = root / "ml_pipelines"
    if not folder.is_dir():
        return
    yield from _absent(root, "ml_pipelines", ("README.md",))
    if not (folder / "training").is_dir():
        yield _missing("ml_pipelines/training")
    for pipeline in _folders(folder):
        yield from _absent(root, f"ml_pipelines/{pipeline.name}", (f"ml-pipeline-{pipeline.name}.py",))


def _notebooks(root: Path) -> Iterator[str]:
    yield from _absent(root, "notebooks", ("README.md", "*.ipynb"))


def _strays(root: Path) -> Iterator[str]:
    """No job, test or image uses programs elsewhere, so they would be uploaded and never run."""
    algorithms = root / "algorithms"
    for folder in _folders(algorithms):
        if folder.name not in (*_GROUPS, _LIBRARIES):
            known = ", ".join(_GROUPS)
            yield f"{folder.relative_to(root).as_posix()}: is no group of steps; move its steps to one of {known}"
    for pattern, layout in (
        ("algorithms/*.py", "algorithms/<group>/<step>/"),
        *((f"algorithms/{group}/*.py", f"algorithms/{group}/<step>/") for group in _GROUPS),
        ("ml_pipelines/*.py", "ml_pipelines/<pipeline>/"),
    ):
        for file in sorted(root.glob(pattern)):
            if file.name != "__init__.py":
                yield f"{file.relative_to(root).as_posix()}: is outside of the layout; move it to {layout}"


def _dockerfiles(root: Path) -> Iterator[str]:
    """CI builds the image of the file ``dockerfile``. It would ignore another spelling, and some machines cannot keep
    two spellings side by side."""
    for file in sorted((root / "algorithms").glob("*/*/*")):
        if file.name.casefold() == _DOCKERFILE and file.name != _DOCKERFILE:
            place = file.relative_to(root)
            what = "remove one of the two" if (file.parent / _DOCKERFILE).exists() else "rename it"
            yield f"{place.as_posix()}: a step has one file {_DOCKERFILE}, in lower case; {what}"


def _links(root: Path) -> Iterator[str]:
    """A build uploads what links refer to, which another machine does not have and no review has seen."""
    for name in _ROOT:
        for path in sorted([root / name, *(root / name).rglob("*")]):
            if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
                yield f"{path.relative_to(root).as_posix()}: is a link out of the repository; replace it with a copy"


def _literal_paths(root: Path) -> Iterator[str]:
    """Steps take paths from arguments or variables, so that they run the same on a laptop. Only the library, which
    writes the requests of jobs, names the paths in the container."""
    for file in sorted((root / "algorithms").rglob("*.py")):
        if not file.is_file():
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if _CONTAINER_ROOT in line:
                place = file.relative_to(root).as_posix()
                yield f"{place}:{number}: contains the path {_CONTAINER_ROOT}; take it from an argument or a variable"
