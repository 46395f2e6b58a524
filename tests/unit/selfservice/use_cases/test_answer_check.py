"""Answers are checked with the template itself before anything is created."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfservice.errors import BadInputError
from selfservice.use_cases.answer_check import PLACEHOLDERS, refuse_wrong_answers
from selfservice.use_cases.answers import DATA_SOURCE, foundation_answers
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


def test_the_placeholders_stand_for_the_answers_of_the_foundation() -> None:
    answered = foundation_answers(STACK, lambda stack: OUTPUTS[stack], {"development": "fraud-development"})
    assert PLACEHOLDERS.keys() == answered.keys() - {"team", "use_case"}
    assert PLACEHOLDERS["data_source"] == DATA_SOURCE
