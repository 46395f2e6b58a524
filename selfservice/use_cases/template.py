"""Templates of build repositories: a git URL, or the name of a folder of the program that is published as a repository.

Copier updates a project only from a git repository with versions, at the address that the project recorded. Therefore a
folder is not given to Copier itself.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from selfservice.errors import BadInputError
from selfservice.projects.project import Project
from selfservice.use_cases.git import git, succeeds
from selfservice.use_cases.library.wheel import library_wheel
from settings.files.validation_cache import load_cached
from settings.organization.template import TemplateSettings

FOLDERS: Mapping[str, str] = {"tabular": "templates"}
"""Folder of the program that contains each named template."""
_URL = re.compile(r"(https://|ssh://|git@|git\+|file://).+")
_GIT, _AS_GIT = "git+", ("https://", "ssh://", "file://")
"""Prefix with which Copier takes any URL for a git repository, and beginnings of URLs that need it."""
_AUTHOR = (("user.name", "plinth"), ("user.email", "plinth@localhost"))
_TREE = "HEAD^{tree}"
"""The content of the newest version, as git names it."""
VENDOR = "*/vendor"
"""Folders of a template that get the wheel of the library, so that a project installs it from no index."""
_CACHES = shutil.ignore_patterns("__pycache__", ".*_cache", ".git", ".venv")


def offered(templates: Mapping[str, TemplateSettings]) -> dict[str, tuple[str, str | None]]:
    """Returns the templates that requests may name: source and version, which is None for the newest.

    ``templates`` are those of the organization. Without any, these are the templates of the program.
    """
    if templates:
        return {name: (template.url, template.version) for name, template in templates.items()}
    return {name: (name, None) for name in FOLDERS}


def offered_template(directory: Path, name: str) -> tuple[str, str | None]:
    """Returns source and version of a template that requests may name. Raises: BadInputError for any other."""
    known = offered(load_cached(directory).organization.templates)
    if name not in known:
        raise BadInputError(f"the organization does not offer the template {name}; it offers: {', '.join(known)}")
    return known[name]


def resolved(template: str, version: str | None, templates: Mapping[str, TemplateSettings]) -> tuple[str, str | None]:
    """Returns source and version of a template that a command names. A template of the organization replaces one of the
    program with the same name."""
    if template not in templates:
        return template, version
    return templates[template].url, version or templates[template].version


def source_of(template: str, project: Project) -> str:
    """Returns the address of a template for Copier.

    Raises: BadInputError for an unknown name, or if the program was installed without its templates.
    """
    if _URL.fullmatch(template):
        return f"{_GIT}{template}" if template.startswith(_AS_GIT) else template
    if template not in FOLDERS:
        raise BadInputError(
            f"there is no template {template}; there are: {', '.join(FOLDERS)}, those of the settings, or the URL of a "
            "repository"
        )
    folder = project.program_directory / FOLDERS[template]
    if not (folder / "copier.yml").is_file():
        raise BadInputError(f"{folder} has no template; pass the URL of its git repository with --template")
    return f"{_GIT}{published(folder, _home(template, project)).as_uri()}"


def _home(template: str, project: Project) -> Path:
    """Returns the folder in which a folder of the program is published."""
    return project.state_directory / "templates" / template


def template_digest(template: str, project: Project) -> str:
    """Returns the digest of the content of a template of the program."""
    return git(published(project.program_directory / FOLDERS[template], _home(template, project)), "rev-parse", _TREE)


def published(folder: Path, repository: Path) -> Path:
    """Publishes the content of a folder as the newest version of a repository, unless it already is. Each version has a
    tag: 1.0.0, 2.0.0 and so on."""
    if not (repository / ".git").exists():
        repository.mkdir(parents=True, exist_ok=True)
        git(repository, "init", "--quiet", "--initial-branch", "main")
    for old in repository.iterdir():
        if old.name != ".git":
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(folder, repository, ignore=_CACHES, dirs_exist_ok=True)
    if vendors := list(repository.glob(VENDOR)):
        wheel = library_wheel(folder.parent, vendors[0])
        for vendor in vendors[1:]:
            shutil.copyfile(wheel.file, vendor / wheel.file.name)
    git(repository, "add", "--all", "--force")
    versions = git(repository, "tag").split()
    if not versions or not succeeds(repository, "diff", "--cached", "--quiet"):
        git(
            repository, "commit", "--quiet", "--allow-empty", "--message", "Publish the template", configuration=_AUTHOR
        )
        git(repository, "tag", f"{len(versions) + 1}.0.0")
    return repository
