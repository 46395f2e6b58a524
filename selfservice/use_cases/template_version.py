"""The version of a template from which the repositories of a use case are generated, and the commit that it has now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from selfservice.errors import BadInputError
from selfservice.projects.project import open_project
from selfservice.use_cases.git import GitError, git
from selfservice.use_cases.template import offered_template, template_digest
from settings.files.validation_cache import load_cached
from settings.organization.template import TemplateSettings

_PLACE = "Pulumi.yaml: plinth:organization.templates"
_TAG, _PEELED = "refs/tags/", "^{}"
"""Prefix of tags in a list of remote references, and suffix of the commit that an annotated tag names."""
_MOST_SHOWN = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateVersion:
    """A template with the content that it has now."""

    name: str
    """Name under which requests choose it."""
    source: str
    """URL of its git repository, or its name if it is a template of the program."""
    version: str | None
    """Tag of the version; None for a template of the program."""
    digest: str
    """Hash of the commit that the tag names, or of the content of a template of the program."""

    @property
    def commit(self) -> str | None:
        """The commit in the git repository of the template; None for a template of the program."""
        return None if self.version is None else self.digest

    def __str__(self) -> str:
        if self.version is None:
            return f"{self.name} of the program, content {self.digest}"
        return f"{self.name} {self.version} of {self.source}, commit {self.digest}"


def template_version(directory: Path, name: str) -> TemplateVersion:
    """Returns the version of a template that requests may name.

    Asks the git repository of a template with a URL.

    Raises: BadInputError if the organization does not offer the template, if its repository cannot be read, if the
    version does not exist, or if its tag names another commit than the settings.
    """
    source, version = offered_template(directory, name)
    if version is None:
        digest = template_digest(name, open_project(directory))
        return TemplateVersion(name=name, source=source, version=None, digest=digest)
    settings = load_cached(directory).organization.templates[name]
    return TemplateVersion(name=name, source=source, version=version, digest=_commit_of(directory, name, settings))


def refuse_older_versions(before: Mapping[str, TemplateSettings], after: Mapping[str, TemplateSettings]) -> None:
    """Raises BadInputError with every template that goes back to an older version of the same repository."""
    faults = list(_older(before, after))
    if faults:
        raise BadInputError("\n".join(faults))


def _older(before: Mapping[str, TemplateSettings], after: Mapping[str, TemplateSettings]) -> Iterator[str]:
    for name in sorted(before.keys() & after.keys()):
        old, new = before[name], after[name]
        if old.url == new.url and _is_older(new.version, old.version):
            yield (
                f"{_PLACE}.{name}.version: {new.version} is older than {old.version}, from which projects started; "
                f"write {old.version} or a newer version. To go back, publish the old content as a new version"
            )


def _is_older(tag: str, other: str) -> bool:
    """Returns whether a tag names an older version than another. Tags that are no version numbers have no order."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(tag) < Version(other)
    except InvalidVersion:
        return False


def _commit_of(directory: Path, name: str, settings: TemplateSettings) -> str:
    """Returns the commit that the tag of a template names in its repository now."""
    url, version = settings.url, settings.version
    try:
        commits = dict(_commits(git(directory, "ls-remote", "--tags", url)))
    except GitError as error:
        raise BadInputError(f"{_PLACE}.{name}.url: {url} cannot be read: {error}") from error
    if version not in commits:
        raise BadInputError(
            f"{_PLACE}.{name}.version: {version} is no version of {url}: nobody published it, or somebody withdrew it; "
            f"write one of its versions: {_newest(commits)}"
        )
    if settings.commit is not None and commits[version] != settings.commit:
        raise BadInputError(
            f"{_PLACE}.{name}.commit: {settings.commit} is not the commit of {version}: somebody has moved the tag to "
            f"{commits[version]}. Look at what changed, and write the commit that you trust, or another version: "
            f"{_newest(commits)}"
        )
    return commits[version]


def _commits(listed: str) -> Iterator[tuple[str, str]]:
    """Yields the tags of a list of remote references with their commits. The commit of an annotated tag comes last."""
    for line in listed.splitlines():
        commit, _, reference = line.partition("\t")
        yield reference.removeprefix(_TAG).removesuffix(_PEELED), commit


def _newest(commits: Mapping[str, str]) -> str:
    return ", ".join(list(commits)[-_MOST_SHOWN:]) or "it has none"
