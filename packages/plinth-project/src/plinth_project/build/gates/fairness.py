"""The groups between which a pipeline compares its data and its predictions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated

from pydantic import Field, model_validator

from plinth_project.documents import Document

MOST_CHARACTERS = 256
"""Length of an argument of a processing job (SageMaker API, AppSpecification, read 2026-11-28)."""
Column = Annotated[str, Field(min_length=1, pattern=r"^[^,=<>]+$")]
Value = Annotated[str, Field(min_length=1, pattern=r"^[^,]+$")]


class Facet(Document):
    """A column, and which of its rows belong to the group that may be at a disadvantage. All other rows with a value
    belong to the group with which it is compared."""

    column: Column
    values: list[Value] = Field(default_factory=list)
    """Values of the group, for a column of few values. Numbers are written as texts too: ``"0"``."""
    at_least: float | None = None
    at_most: float | None = None
    """Bounds of the group, for a column of numbers."""

    @model_validator(mode="after")
    def _has_one_definition(self) -> Facet:
        given = [bool(self.values), self.at_least is not None, self.at_most is not None]
        if sum(given) != 1:
            raise ValueError("give either values, at_least or at_most")
        if len(self.text) > MOST_CHARACTERS:
            raise ValueError(f"column and values have {len(self.text)} characters; {MOST_CHARACTERS} are allowed")
        return self

    @property
    def text(self) -> str:
        """The facet as arguments and reports have it: ``sex=F,X`` or ``age>=60``."""
        if self.values:
            return f"{self.column}={','.join(self.values)}"
        return f"{self.column}>={self.at_least:g}" if self.at_most is None else f"{self.column}<={self.at_most:g}"


class Fairness(Document):
    """Comparison of groups before and after training."""

    facets: list[Facet] = Field(min_length=1, max_length=10)
    reweigh: bool = False
    """Whether training weighs rows so that labels do not depend on the groups."""

    @property
    def texts(self) -> list[str]:
        return [facet.text for facet in self.facets]


def faults(fairness: Fairness | None, problem: str, gated: Collection[str], measures: Sequence[str]) -> list[str]:
    """Returns what is wrong with the comparison of groups of a configuration, whose gates judge the metrics ``gated``.
    ``measures`` are the metrics of a bias."""
    if fairness is None:
        judged = sorted(set(gated) & set(measures))
        return [f"gates: {judged[0]} compares groups; add fairness with its facets"] if judged else []
    found = [] if problem == "classification" else ["fairness: a regression has no favourable class to compare"]
    twice = sorted({text for text in fairness.texts if fairness.texts.count(text) > 1})
    return [*found, *(f"fairness.facets: {text} is named twice" for text in twice)]
