"""The content of a request for a use case: what a lead data scientist may choose, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from selfservice.authoring.new_use_case import NewUseCase
from selfservice.use_cases.answers import FOUNDATION, INFERENCE, IS_A_SETTING, SET_IT
from settings.team.delivery import MAX_IMAGES
from settings.team.use_case import Goal
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.kinds import InferenceKind
from settings.types.model import Settings
from settings.types.values import Checked, DatasetName, ImageName, List, TemplateName, UseCaseName, UserName

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

    def new_use_case(self, team: str) -> NewUseCase:
        """Returns the use case that the request asks for, of a team."""
        return NewUseCase(
            team=team,
            name=self.name,
            images=tuple(self.images),
            feature_branches=self.feature_branches,
            inference=self.inference,
            approvers=tuple(self.approvers),
            goal=self.goal,
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
