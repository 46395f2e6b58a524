"""A template in a git repository of this machine, which git finds at the URL in the settings of an organization."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
import yaml
from plumbum import local

from selfservice.use_cases.git import git

URL = "https://git.acme.example/ml/template"
_AUTHOR = (("user.name", "Ana"), ("user.email", "ana@acme.example"))


class PublishedTemplate:
    """The repository with versions 1.0.0 and 2.0.0. The tag of the second one is annotated."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commits: dict[str, str] = {}
        (folder / "build").mkdir(parents=True)
        git(folder, "init", "--quiet", "--initial-branch", "main")
        (folder / "copier.yml").write_text("_subdirectory: build\nteam: {type: str}\nuse_case: {type: str}\n")
        (folder / "build" / "{{_copier_conf.answers_file}}.jinja").write_text("{{ _copier_answers|to_nice_yaml -}}\n")
        self.publish("1.0.0", "first")
        self.publish("2.0.0", "second", "--annotate", "--message", "Second version")

    def publish(self, version: str, text: str, *words: str) -> None:
        """Commits a text, and makes it the content of a version, also if the version existed."""
        (self.folder / "build" / "README.md").write_text(f"{text}\n")
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--message", text, configuration=_AUTHOR)
        git(self.folder, "tag", "--force", *words, version, configuration=_AUTHOR)
        self.commits[version] = git(self.folder, "rev-parse", "HEAD")

    def withdraw(self, version: str) -> None:
        git(self.folder, "tag", "--delete", version)

    def offer(self, project: Path, version: str, commit: str | None = None) -> None:
        """Makes the organization of a project offer the template as ``tabular``, in one version."""
        file = project / "Pulumi.yaml"
        content = yaml.safe_load(file.read_text())
        pinned = {} if commit is None else {"commit": commit}
        offered = {"tabular": {"url": URL, "version": version, **pinned}}
        content["config"]["plinth:organization"]["value"]["templates"] = offered
        file.write_text(yaml.safe_dump(content))


@pytest.fixture
def published_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PublishedTemplate:
    folder = tmp_path / "template"
    configuration = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{folder.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": URL,
    }
    for name, value in configuration.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setitem(cast("dict[str, str]", local.env), name, value)  # those of git as Copier runs it
    return PublishedTemplate(folder)
