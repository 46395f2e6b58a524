"""A request can choose little, and every fault of it is named at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from selfservice.errors import BadInputError
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.reading.use_case_requests import checked_request, parsed_request
from selfservice.use_cases.answers import DATA_SOURCE, FOUNDATION, TAGS, foundation_answers
from tests.unit.selfservice.use_cases.test_answers import OUTPUTS

GOOD: dict[str, Any] = {"name": "card-risk", "answers": {"problem": "regression", "code_owners": "@acme/fraud"}}


def refusal(content: dict[str, Any], team: str = "fraud") -> str:
    with pytest.raises(BadInputError) as error:
        checked_request(team, content)
    return str(error.value)


def test_a_request_survives_the_table() -> None:
    batch = {"inference": "batch", "results": "fraud-scores", "approvers": ("ben", "chloe"), "goal": "Rate cards"}
    request = checked_request("fraud", {**GOOD, **batch, "images": ("train",), "feature_branches": True})
    assert parsed_request(request.model_dump_json()) == request
    assert (request.inference, request.results, request.approvers) == ("batch", "fraud-scores", ("ben", "chloe"))
    assert request.new_use_case("fraud").goal == "Rate cards"


def test_all_faults_are_named_at_once() -> None:
    said = refusal({"name": "Card_Risk", "template": "https://evil.example/x", "images": ("T!",)}, "Fraud")
    assert [line.strip().partition(":")[0] for line in said.splitlines()[1:]] == [
        "team", "name", "template", "images.0",
    ]  # fmt: skip


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.parametrize("name", sorted(FOUNDATION))
@pytest.mark.threat("T-03")
def test_a_request_answers_no_question_about_the_foundation(name: str) -> None:
    assert f"answers.{name}: is about the foundation" in refusal({**GOOD, "answers": {name: "mine"}})


def test_the_way_of_inference_is_a_setting_and_no_answer() -> None:
    said = refusal({**GOOD, "answers": {"inference": "batch"}})
    assert "answers.inference: is a setting of the use case, and no answer; give it as inference" in said


def test_the_questions_about_the_foundation_are_those_that_plinth_answers() -> None:
    workgroups, tags = {"development": "fraud-development"}, dict.fromkeys(TAGS, "fraud")
    answered = foundation_answers("fraud--card-risk", lambda stack: OUTPUTS[stack], workgroups, tags=tags)
    assert answered.keys() - {"data_source"} == FOUNDATION
    assert answered["data_source"] == DATA_SOURCE


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.parametrize(
    "value", ["a\nimport os", '"; rm -rf /', "{{ 1 }}", "a b", "-x", "$(id)", "a'b", "back\\slash", "", "x" * 129, "é"]
)
@pytest.mark.threat("T-11")
def test_an_answer_has_no_characters_with_a_meaning_in_code(value: str) -> None:
    assert "answers.database: " in refusal({**GOOD, "answers": {"database": value}})


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.parametrize("image", ["763104351884.dkr.ecr/x:1", "other:1", "train", "train:", "train:1/2", "train:1:2"])
@pytest.mark.threat("T-03")
def test_an_image_is_one_of_the_use_cases_own_repositories(image: str) -> None:
    assert "not an image of the use case" in refusal({**GOOD, "images": ("train",), "answers": {"image": image}})
    checked_request("fraud", {**GOOD, "images": ("train",), "answers": {"image": "train:1"}})


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"name": "card-risk", "team": "churn"}', "team: is not a field; the fields are name, template"),
        ('{"name": "card-risk"', "Invalid JSON"),
        ("[]", "should be an object"),
        ('{"name": 5}', "name: Input should be a valid string"),
        ("{}", "name: Field required"),
        (json.dumps({"name": "x" * 9_000}), "more than 8000 characters"),
        ("", "Invalid JSON"),
        ('{"name": "card-risk", "name": "disputes"}', "name is given twice; keep one of the two"),
    ],
)
@pytest.mark.threat("T-01", "T-11")
def test_a_text_that_the_command_line_did_not_write_is_refused(text: str, fault: str) -> None:
    with pytest.raises(BadInputError, match=fault):
        parsed_request(text)


def test_too_many_images_are_refused() -> None:
    images = tuple(f"image-{number}" for number in range(11))
    assert "images has more than 9 names" in refusal({**GOOD, "images": images})


@pytest.mark.threat("T-11")
def test_a_fault_shows_no_control_characters() -> None:
    assert "\x1b" not in refusal({"name": "a\x1b[31m"})


def test_every_field_of_a_request_is_explained() -> None:
    assert all(field.description for field in UseCaseRequest.model_fields.values())


@pytest.mark.requirement("TPL-04.a")
@pytest.mark.parametrize("inference", [None, "real-time", "asynchronous"])
def test_only_batch_inference_returns_results(inference: str | None) -> None:
    content = {**GOOD, "inference": inference, "results": "fraud-scores"}
    assert "results is only for batch inference; set inference to batch, or remove it" in refusal(content)
    checked_request("fraud", {**content, "inference": "batch"})
    assert "inference: " in refusal({**GOOD, "inference": "streaming"})
