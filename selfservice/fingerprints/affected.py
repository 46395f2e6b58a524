"""The stacks that changes since a git revision affect. Needs neither an engine nor a state."""

from __future__ import annotations

import json
import posixpath
import subprocess
import tarfile
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from selfservice.errors import BadInputError
from selfservice.fingerprints.effects import Effect, effects_before_and_now
from selfservice.fingerprints.inputs import LOCK_FILES
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.program_files import changed_files
from selfservice.projects.project import Project
from settings.types.errors import SettingsError

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation


@dataclass(frozen=True, slots=True)
class Repository:
    """The git repository around a project."""

    root: Path

    @classmethod
    def around(cls, directory: Path) -> Repository:
        """Returns the repository that contains the directory. Raises: BadInputError if there is none."""
        return cls(Path(_git(directory, "rev-parse", "--show-toplevel").decode().strip()).resolve())

    def commit_of(self, revision: str) -> str:
        """Returns the full hash of a revision. Raises: BadInputError if it does not exist."""
        try:
            found = _git(self.root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
        except BadInputError:
            raise BadInputError(f"{self.root} has no revision {revision}: fetch it, or name another") from None
        return found.decode().strip()

    def fork_point(self, revision: str) -> str | None:
        """Returns the newest commit that HEAD and the revision have in common; None if there is none."""
        command = ["git", "-C", str(self.root), "merge-base", "HEAD", self.commit_of(revision)]
        return subprocess.run(command, capture_output=True, check=False, text=True).stdout.strip() or None

    def write(self, revision: str, paths: Iterable[Path], folder: Path) -> None:
        """Writes files and folders of a revision into a folder, with their paths in the repository.

        Paths that did not exist and links that lead out of the repository are left out.
        """
        names = [str(path.relative_to(self.root)) for path in paths]
        known = [name for name in names if name == "." or _git(self.root, "ls-tree", revision, "--", name)]
        if known:
            archive = _git(self.root, "archive", "--format=tar", revision, "--", *known)
            with tarfile.open(fileobj=BytesIO(archive)) as tar:
                tar.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
                tar.extractall(folder, members=[member for member in tar if not _leads_outward(member)])

    def file_at(self, revision: str, path: Path) -> bytes | None:
        """Returns the content of a file at a revision; None if it did not exist."""
        name = str(path.relative_to(self.root))
        if not _git(self.root, "ls-tree", revision, "--", name):
            return None
        return _git(self.root, "show", f"{revision}:{name}")

    def changed_since(self, revision: str) -> frozenset[Path]:
        """Returns the files that were changed or deleted since the revision, and untracked files."""
        differing = _git(self.root, "diff", "--name-only", "--no-renames", "-z", revision, "--")
        new = _git(self.root, "ls-files", "--others", "--exclude-standard", "-z")
        return frozenset(self.root / name for name in (differing + new).decode().split("\0") if name)

    @contextmanager
    def settings_at(self, revision: str, layout: Layout) -> Iterator[Path]:
        """Yields a folder with the project file and the settings files of the revision."""
        with tempfile.TemporaryDirectory(prefix="plinth-settings-") as folder:
            self.write(revision, [layout.directory / "Pulumi.yaml", layout.settings_directory], Path(folder))
            yield Path(folder) / layout.directory.relative_to(self.root)


def _leads_outward(member: tarfile.TarInfo) -> bool:
    """Returns whether a member of an archive of git is a link to a place outside of the repository."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(member.name), member.linkname))
    return member.issym() and target.startswith(("/", ".."))


def affected(project: Project, since: str) -> Mapping[str, str]:
    """Returns the affected stacks with the reason, in the order of the graph. Removed stacks come last.

    A program outside the repository of the settings, for example an installed version, counts as unchanged.

    Raises: BadInputError if the settings are in no git repository, or the revision does not exist.
    """
    repository, layout = Repository.around(project.directory), Layout.of(project.directory)
    if not layout.settings_directory.is_relative_to(repository.root):
        raise BadInputError(
            f"{layout.settings_directory} is not in the git repository {repository.root}, so its past is not known"
        )
    changed = repository.changed_since(since)
    with repository.settings_at(since, layout) as before:
        touched, gone = _touched(project, layout, changed, before)
    return {stack: touched[stack] for stack in project.graph if stack in touched} | gone


def affected_by_settings(project: Project, changed: Collection[str], before: Path) -> Mapping[str, str]:
    """Returns the stacks that differ from those of another project directory, with the reason.

    ``changed`` are the names of the settings files that differ. The program is the same for both.
    """
    layout = Layout.of(project.directory)
    files = frozenset(layout.settings_directory / name for name in changed)
    touched, gone = _touched(project, layout, files, before, cached=True)
    return {stack: touched[stack] for stack in project.graph if stack in touched} | gone


def _touched(
    project: Project, layout: Layout, changed: frozenset[Path], before: Path, *, cached: bool = False
) -> tuple[dict[str, str], dict[str, str]]:
    """Returns the affected stacks and the removed ones, with the reasons.

    ``cached``: whether the settings before the change may be in the validation cache, because they are a project's.
    """
    everywhere = _touches_all(project, layout, changed)
    foundation_before = _foundation_in(before, cached=cached)
    if everywhere is None and foundation_before is None:
        everywhere = "the settings as they were cannot be read by this version"
    stacks_before = () if foundation_before is None else foundation_before.overview.graph
    gone = {stack: "is no longer in the settings" for stack in stacks_before if stack not in project.graph}
    if everywhere is not None or foundation_before is None:
        return dict.fromkeys(project.graph, everywhere or ""), gone
    own = {stack: layout.settings_directory / f"Pulumi.{stack}.yaml" for stack in project.graph}
    touched = {stack: f"{own[stack].name} changed" for stack in project.graph if own[stack] in changed}
    touched |= {stack: "is new" for stack in project.graph if stack not in stacks_before}
    others = [stack for stack in project.graph if stack not in touched]
    if all(path.parent == layout.settings_directory for path in changed):
        names = frozenset(path.name for path in changed)
        others = list(_reached(others, names, foundation_before, project.directory))
    if changed and others:
        touched |= _touched_by_program(layout, others, changed, before, foundation_before)
    return touched, gone


def _reached(stacks: Iterable[str], changed: Collection[str], before: Foundation, directory: Path) -> Iterator[str]:
    """Yields the stacks whose program can read something of the changed settings files.

    So the programs of other teams do not have to run, and the time does not grow with their number.
    """
    from settings.derived.settings_of_stack import reach_of
    from settings.derived.stack_graph import StackIdentity

    now = _foundation_in(directory, cached=True)
    for stack in stacks:
        identity = StackIdentity.parse(stack)
        reach = None if now is None else reach_of(identity, now)
        if reach is None or not reach.files.isdisjoint(changed) or reach != reach_of(identity, before):
            yield stack


def _touched_by_program(
    layout: Layout, stacks: Sequence[str], changed: frozenset[Path], before: Path, foundation_before: Foundation
) -> dict[str, str]:
    """Returns the stacks whose program depends on a changed file, or does something else with the settings now."""
    settings = {path for path in changed if path.parent == layout.settings_directory}
    read = changed_files(layout.program_directory, stacks, changed - settings, foundation_before)
    touched = {stack: _by_code(files) for stack, files in read.items()}
    others = [stack for stack in stacks if stack not in touched]
    if settings and others:
        then, now = effects_before_and_now(layout.program_directory, before, layout.directory, others)
        touched |= {stack: reason for stack in others if (reason := _by_settings(now[stack], then[stack]))}
    return touched


def _by_code(files: Sequence[Path]) -> str:
    more = f" and {len(files) - 1} more files" if len(files) > 1 else ""
    return f"{files[0].name}{more} changed"


def _by_settings(now: Effect, then: Effect) -> str | None:
    if now.digest is None or then.digest is None:
        return f"settings changed, and their effect cannot be seen ({now.unseen or then.unseen})"
    return None if now.digest == then.digest else "settings of other stacks change what it registers"


def _touches_all(project: Project, layout: Layout, changed: frozenset[Path]) -> str | None:
    if layout.directory / "Pulumi.yaml" in changed:
        return "Pulumi.yaml changed"
    roots = (layout.directory, layout.program_directory)
    folders = (project.program_directory / "policies", *project.policy_packs)
    for path in sorted(changed):
        if path.parent in roots and any(path.match(pattern) for pattern in LOCK_FILES):
            return f"{path.name} changed"
        if any(path.is_relative_to(folder) for folder in folders):
            return f"the policy file {path.name} changed"
    return None


def _foundation_in(directory: Path, *, cached: bool) -> Foundation | None:
    from settings.files.loader import load
    from settings.files.validation_cache import load_cached

    try:
        return load_cached(directory) if cached else load(directory)
    except SettingsError:
        return None


def _git(directory: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(directory), *arguments], capture_output=True, check=True)
    except FileNotFoundError:
        raise BadInputError("there is no git on the PATH, and only git knows what changed") from None
    except subprocess.CalledProcessError as error:
        raise BadInputError(error.stderr.decode(errors="replace").strip()) from None
    return done.stdout


def as_text(touched: Mapping[str, str]) -> str:
    width = max(map(len, touched), default=0)
    return "\n".join(f"{stack:{width}}  {reason}" for stack, reason in touched.items()) or "no stack is touched"


def as_json(touched: Mapping[str, str], since: str) -> str:
    return json.dumps({"since": since, "stacks": dict(touched)}, indent=2)
