"""A request for a use case: what a lead data scientist may choose, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from selfservice.errors import BadInputError
from selfservice.use_cases.answers import FOUNDATION, INFERENCE, IS_A_SETTING, SET_IT
from settings.team.delivery import MAX_IMAGES
from settings.team.use_case import Goal
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.kinds import InferenceKind
from settings.types.model import Settings
from settings.types.redaction import shown
from settings.types.values import Checked, DatasetName, ImageName, List, TeamName, TemplateName, UseCaseName, UserName

MAX_CHARACTERS = 8_000
"""Longest request in characters. A request with all answers of a template has fewer than 2,000."""
_QUESTION = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PLAIN = re.compile(r"[A-Za-z0-9@][A-Za-z0-9@._:/-]{0,127}")


def _question(name: str) -> str:
    if not _QUESTION.fullmatch(name):
        raise refusal(Code.FORMAT, "is not the name of a question of a template", "write it as problem=regression")
    if name in FOUNDATION:
        raise refusal(Code.NOT_ALLOWED, "is about the foundation, and Plinth answers it", "leave it out")
    if name == INFERENCE:
        raise refusal(Code.NOT_ALLOWED, IS_A_SETTING, SET_IT)
    return name


def _answer(text: str) -> str:
    if not _PLAIN.fullmatch(text):
        rule = "is not plain text: up to 128 letters, digits and @ . _ : / -, and a letter, a digit or @ first"
        raise refusal(Code.FORMAT, rule, "answer the question in the project, in a reviewed change")
    return text


class UseCaseRequest(Settings):
    """The content of a request. It contains neither the team nor the person, which follow from its key in the table."""

    name: UseCaseName = Field(description="Name of the use case.")
    template: TemplateName = Field(default="tabular", description="Name of a template that the organization offers.")
    goal: Goal = Field(default="", description="What the use case is for, in one sentence of up to 256 characters.")
    images: List[ImageName] = Field(
        default=(), description="Names of the container images that builds push.", examples=[["train"]]
    )
    feature_branches: bool = Field(default=False, description="Whether each feature branch gets a pipeline.")
    inference: InferenceKind | None = Field(
        default=None, description="How released models predict. Default: the default of the settings."
    )
    results: DatasetName | None = Field(
        default=None, description="Dataset of the data lake to which batch inference returns results."
    )
    approvers: List[UserName] = Field(
        default=(), description="User names of people who may approve promotions.", examples=[["ben", "chloe"]]
    )
    answers: Mapping[Annotated[str, Checked(_question)], Annotated[str, Checked(_answer)]] = Field(
        default_factory=dict, description="Answers to questions of the template.", examples=[{"problem": "regression"}]
    )

    @model_validator(mode="after")
    def _names_own_images(self) -> Self:
        """Refuses images of others: the first commit is not reviewed, and its jobs run the image."""
        name, _, tag = self.answers.get("image", "").partition(":")
        if "image" in self.answers and (name not in self.images or not tag or "/" in tag or ":" in tag):
            raise refusal(Code.NOT_ALLOWED, "answers.image is not an image of the use case", "write it as train:1")
        if len(self.images) > MAX_IMAGES:
            raise refusal(Code.OUT_OF_RANGE, f"images has more than {MAX_IMAGES} names", "remove some")
        return self

    @model_validator(mode="after")
    def _returns_results_of_batch_inference(self) -> Self:
        if self.results is not None and self.inference != "batch":
            raise refusal(
                Code.NOT_ALLOWED, "results is only for batch inference", "set inference to batch, or remove it"
            )
        return self


class RefusedContentError(BadInputError):
    """The content of a request is wrong."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        """``faults`` has the field, which is empty for the whole request, and a sentence for each fault."""
        self.faults = [(place.partition(".")[0], _line(place, sentence)) for place, sentence in faults]
        super().__init__("the request is refused:\n  " + "\n  ".join(line for _, line in self.faults))


def checked_request(team: str, content: Mapping[str, Any]) -> UseCaseRequest:
    """Returns the request with this content. Raises: BadInputError with every fault of the team and the content."""
    faults: list[tuple[str, str]] = []
    try:
        TypeAdapter(TeamName).validate_python(team)
    except ValidationError as error:
        faults += [("team", sentence) for _, sentence in _faults(error)]
    try:
        request = UseCaseRequest.model_validate(content)
    except ValidationError as error:
        faults += _faults(error)
    if faults:
        raise RefusedContentError(faults)
    return request


def parsed_request(text: str) -> UseCaseRequest:
    """Returns the request of an item, whose text somebody may have written without the command line.

    Raises: BadInputError with every fault.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadInputError(f"the request has {len(text)} characters; at most {MAX_CHARACTERS} are allowed")
    try:
        return UseCaseRequest.model_validate_json(text)
    except ValidationError as error:
        raise BadInputError("\n".join(_line(*fault) for fault in _faults(error))) from error


def _faults(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yields the place of each fault, which is empty for the whole request, and a sentence with the escaped value and
    the remedy."""
    for detail in error.errors(include_url=False):
        place = ".".join(str(part) for part in detail["loc"] if part != "[key]")
        is_value = isinstance(detail["input"], str) and detail["loc"] and detail["loc"][-1] != "[key]"
        given, context = shown(detail["input"]) if is_value else "", detail.get("ctx", {})
        said = f"{context['rule']}; {context['fix']}" if "rule" in context else detail["msg"]
        if detail["type"] == "extra_forbidden":
            given, said = "", f"is not a field; the fields are {', '.join(UseCaseRequest.model_fields)}"
        yield shown(place) if place else "", f"{given} {said}".strip()


def _line(place: str, sentence: str) -> str:
    return f"{place}: {sentence}" if place else sentence
