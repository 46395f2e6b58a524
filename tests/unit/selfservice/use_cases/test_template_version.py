"""The version of a template exists, is what the organization has pinned, and does not become older (row 55)."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from selfservice.errors import BadInputError
from selfservice.projects.project import open_project
from selfservice.use_cases.repository import ANSWERS_FILE, generate
from selfservice.use_cases.template import source_of
from selfservice.use_cases.template_version import refuse_older_versions, template_version
from settings.organization.template import TemplateSettings
from tests.unit.selfservice.use_cases.published_template import (  # noqa: F401 (a fixture)
    URL,
    PublishedTemplate,
    published_template,
)

PLACE = "Pulumi.yaml: plinth:organization.templates.tabular"
OTHER = "0" * 40


def refusal(project: Path) -> str:
    with pytest.raises(BadInputError) as refused:
        template_version(project, "tabular")
    return str(refused.value)


@pytest.mark.threat("T-12")
@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_a_project_is_generated_from_the_commit_that_the_version_names(
    project: Path,
    published_template: PublishedTemplate,  # noqa: F811
    tmp_path: Path,
    version: str,
) -> None:
    published_template.offer(project, version, published_template.commits[version])
    found = template_version(project, "tabular")
    assert (found.version, found.commit) == (version, published_template.commits[version])
    published_template.publish("1.0.0", "moved in between")
    source = source_of(found.source, open_project(project))
    generate(tmp_path / "made", source, found.commit, {"team": "fraud", "use_case": "scoring"})
    assert (tmp_path / "made" / "README.md").read_text() == {"1.0.0": "first\n", "2.0.0": "second\n"}[version]
    answers = yaml.safe_load((tmp_path / "made" / ANSWERS_FILE).read_text())
    assert answers["_src_path"] == f"git+{URL}"


@pytest.mark.threat("T-12")
def test_a_version_that_was_withdrawn_is_refused_with_the_versions_that_exist(
    project: Path,
    published_template: PublishedTemplate,  # noqa: F811
) -> None:
    published_template.offer(project, "1.0.0")
    published_template.withdraw("1.0.0")
    assert refusal(project) == (
        f"{PLACE}.version: 1.0.0 is no version of {URL}: nobody published it, or somebody withdrew it; write one of "
        "its versions: 2.0.0"
    )


@pytest.mark.threat("T-12")
def test_a_version_with_another_commit_than_the_pinned_one_is_refused(
    project: Path,
    published_template: PublishedTemplate,  # noqa: F811
) -> None:
    published_template.offer(project, "2.0.0", OTHER)
    said = refusal(project)
    assert f"{PLACE}.commit: {OTHER} is not the commit of 2.0.0: somebody has moved the tag to" in said
    assert published_template.commits["2.0.0"] in said
    assert said.endswith("or another version: 1.0.0, 2.0.0")


def test_a_repository_that_cannot_be_read_is_named(project: Path, published_template: PublishedTemplate) -> None:  # noqa: F811
    published_template.offer(project, "2.0.0")
    published_template.folder.rename(published_template.folder.with_name("elsewhere"))
    assert f"{PLACE}.url: {URL} cannot be read: " in refusal(project)
    source = source_of(URL, open_project(project))
    with pytest.raises(BadInputError, match=r"cannot be read: .*does not (appear to be a git repository|exist)"):
        generate(project / "made", source, "2.0.0", {"team": "fraud", "use_case": "scoring"})


@pytest.mark.threat("T-12")
@pytest.mark.parametrize(
    ("before", "after", "url", "is_refused"),
    [
        ("2.1.0", "2.0.9", URL, True),
        ("2.10.0", "2.9.0", URL, True),
        ("v3.0", "v2.9", URL, True),
        ("2.1.0", "2.1.0", URL, False),
        ("2.9.0", "2.10.0", URL, False),
        ("2.1.0", "2.0.0", f"{URL}-of-others", False),
        ("spring-2", "autumn-1", URL, False),
    ],
)
def test_a_template_does_not_go_back_to_an_older_version(before: str, after: str, url: str, is_refused: bool) -> None:
    old, new = TemplateSettings(url=URL, version=before), TemplateSettings(url=url, version=after)
    if not is_refused:
        refuse_older_versions({"tabular": old}, {"tabular": new, "added": old})
        return
    with pytest.raises(BadInputError, match=f"{PLACE}.version: {after} is older than {before}.* write {before} or"):
        refuse_older_versions({"tabular": old, "removed": old}, {"tabular": new})
