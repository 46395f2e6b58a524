"""Answers are checked with the template itself before anything is created."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfservice.authoring.new_use_case import NewUseCase
from selfservice.errors import BadInputError
from selfservice.use_cases.answer_check import PLACEHOLDERS, built_images, refuse_wrong_answers
from selfservice.use_cases.answers import DATA_SOURCE, TAGS, foundation_answers
from selfservice.use_cases.template import FOLDERS
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.use_cases.test_answers import OUTPUTS

SOURCE, STACK = str(REPOSITORY / "templates"), "fraud--card-risk"


def test_the_template_accepts_answers_of_its_questions() -> None:
    refuse_wrong_answers(SOURCE, None, STACK, {"problem": "regression", "image": "train:1"})


@pytest.fixture
def small(tmp_path: Path) -> str:
    """A template with one question of choice, and one that is asked only sometimes."""
    folder = tmp_path / "template"
    (folder / "build").mkdir(parents=True)
    (folder / "copier.yml").write_text(
        "_subdirectory: build\nteam: {type: str}\nuse_case: {type: str}\n"
        "problem: {type: str, choices: [classification, regression], default: regression}\n"
        "bucket: {type: str, when: \"{{ problem == 'classification' }}\", default: x}\n"
    )
    (folder / "build" / "{{_copier_conf.answers_file}}.jinja").write_text("{{ _copier_answers|to_nice_yaml -}}\n")
    return str(folder)


def test_an_answer_that_the_template_does_not_accept_is_refused(small: str) -> None:
    with pytest.raises(BadInputError, match="cannot be used"):
        refuse_wrong_answers(small, None, STACK, {"problem": "clustering"})


def test_an_answer_that_the_template_does_not_ask_for_is_refused(small: str) -> None:
    with pytest.raises(BadInputError, match="does not ask for bucket, problm"):
        refuse_wrong_answers(small, None, STACK, {"problm": "regression", "bucket": "mine"})
    with pytest.raises(BadInputError, match=r"answers.inference: is a setting of the use case.*--inference"):
        refuse_wrong_answers(small, None, STACK, {"inference": "batch"})


@pytest.mark.parametrize("template", FOLDERS)
def test_a_use_case_that_names_no_image_gets_those_that_its_template_builds(template: str) -> None:
    """Otherwise builds would push to an image repository that does not exist."""
    source = str(REPOSITORY / FOLDERS[template])
    dockerfiles = (REPOSITORY / FOLDERS[template] / "build" / "algorithms").glob("*/*/dockerfile*")
    wanted = {file.parent.name.replace("_", "-") for file in dockerfiles}
    needed = built_images(source, None, STACK, {"problem": "regression"})
    assert set(needed) == wanted != set()
    assert NewUseCase(team="fraud", name="card-risk").with_images(needed).images == needed


def test_images_that_were_asked_for_stay_and_one_of_all_jobs_needs_no_other() -> None:
    asked = NewUseCase(team="fraud", name="card-risk", images=("report", "train"))
    assert asked.with_images(("train", "evaluate")).images == ("report", "train", "evaluate")
    assert built_images("no template", None, STACK, {"image": "report:1"}) == ()


def test_the_placeholders_stand_for_the_answers_of_the_foundation() -> None:
    workgroups, tags = {"development": "fraud-development"}, dict.fromkeys(TAGS, "fraud")
    answered = foundation_answers(STACK, lambda stack: OUTPUTS[stack], workgroups, tags=tags)
    assert PLACEHOLDERS.keys() == answered.keys() - {"team", "use_case"}
    assert PLACEHOLDERS["data_source"] == DATA_SOURCE
