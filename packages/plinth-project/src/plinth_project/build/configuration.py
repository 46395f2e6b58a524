"""The configuration of a training pipeline: ``ml_pipelines/<pipeline>/input.json``.

Limits are those of the SageMaker API (CreateHyperParameterTuningJob, CreateProcessingJob), read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, model_validator

from plinth_project.build.gates.fairness import Fairness, faults
from plinth_project.build.problems import Problems, read_bias, read_problems
from plinth_project.documents import Document, read_document

FILE = "input.json"
PROBLEMS, BIAS = "problems", "bias"
"""Context of a validation: the kinds of problems of the repository with their metrics, and metrics of a bias."""

Fraction = Annotated[float, Field(gt=0, lt=1)]
Column = Annotated[str, Field(min_length=1, pattern=r"^[^,]+$")]


class Data(Document):
    """Source of the training data, and its columns."""

    source: Literal["athena", "history", "sample"]
    target: Column
    ignored: list[Column] = Field(default_factory=list)
    database: str = ""
    query: str = ""
    file: str = ""
    """File of a sample, relative to the root of the repository, or below the input history of the use case."""

    @model_validator(mode="after")
    def _has_what_its_source_needs(self) -> Data:
        needed = ("database", "query") if self.source == "athena" else ("file",)
        if missing := [name for name in needed if not getattr(self, name)]:
            raise ValueError(f"the source {self.source} needs {' and '.join(missing)}")
        return self

    @property
    def origin(self) -> str:
        """The source and its tables or file, for the lineage: ``athena historical.payments``."""
        tables = (name.replace('"', "") for name in re.findall(r"\b(?:from|join)\s+([\w.\"]+)", self.query, re.I))
        names = [name if "." in name else f"{self.database}.{name}" for name in tables]
        return " ".join([self.source, *(dict.fromkeys(names) if self.source == "athena" else [self.file])])


class Split(Document):
    """Sizes of the parts, as fractions of all rows."""

    validation_fraction: Fraction
    test_fraction: Fraction
    seed: int = Field(ge=0)

    @model_validator(mode="after")
    def _leaves_rows_for_training(self) -> Split:
        if self.validation_fraction + self.test_fraction >= 1:
            raise ValueError("validation_fraction and test_fraction leave no rows for training")
        return self


class Range(Document):
    """Range of a hyperparameter."""

    kind: Literal["continuous", "integer"]
    least: float
    most: float
    scale: Literal["Auto", "Linear", "Logarithmic"] = "Auto"

    @model_validator(mode="after")
    def _is_not_empty(self) -> Range:
        if self.least >= self.most:
            raise ValueError("least must be smaller than most")
        if self.scale == "Logarithmic" and self.least <= 0:
            raise ValueError("a logarithmic scale needs positive numbers")
        return self


class Tuning(Document):
    """Search for hyperparameters. Ranges replace the hyperparameters of the same name."""

    metric: str
    jobs: int = Field(ge=1, le=750)
    parallel: int = Field(ge=1, le=100)
    strategy: Literal["Bayesian", "Random"] = "Bayesian"
    ranges: dict[str, Range] = Field(min_length=1, max_length=30)


class Gate(Document):
    """A condition for registration. Exactly one limit is given."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _has_one_limit(self) -> Gate:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give either at_least or at_most")
        return self


class Trend(Document):
    """A condition for registration: the metric may be worse than the mean of the newest versions of main by ``loss`` at
    most."""

    metric: str
    versions: int = Field(default=5, ge=2, le=50)
    loss: float = Field(ge=0)


class Explanation(Document):
    """Explanation of predictions for the test data by SHAP values."""

    rows: int = Field(default=1000, ge=1, le=100_000)
    """Largest number of explained rows."""


class Resources(Document):
    """Instance of a step. `minutes` is the time limit of its job."""

    instance: Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")] = "ml.m5.large"
    volume_gib: int = Field(default=30, ge=1, le=16384)
    minutes: int = Field(default=60, ge=1, le=7200)


class Card(Document):
    """Statements of the model card that no job can measure."""

    purpose: str
    owner: str
    risk: Literal["Unknown", "Low", "Medium", "High"] = "Unknown"


class Configuration(Document):
    """Configuration of a training pipeline. Editing it alone changes the pipeline."""

    problem: Literal["classification", "regression"]
    data: Data
    split: Split
    hyperparameters: dict[str, float | int] = Field(default_factory=dict)
    tuning: Tuning | None = None
    gates: list[Gate] = Field(min_length=1)
    better_than_deployed: str | None = None
    """Metric by which a model must be better than the latest approved version of main (TR-13)."""
    trend: Trend | None = None
    """Metric that may not decline over versions. Without it, each version is judged by the gates alone (MON-07)."""
    fairness: Fairness | None = None
    """Groups between which data and predictions are compared (WP-03)."""
    explanation: Explanation | None = None
    """Explanation that each version keeps (WP-04). Without it, versions have none."""
    repeat_tolerance: float = Field(default=1e-6, ge=0)
    """Largest difference of a metric, without a sign, between a build and its repetition (TR-14)."""
    image: str | None = None
    """Image of all jobs. Without it, jobs use the image that CI builds from the dockerfile of the training step."""
    resources: dict[str, Resources] = Field(default_factory=dict)
    """Resources by step. The key ``default`` applies to steps that are not named."""
    card: Card

    @model_validator(mode="after")
    def _names_metrics_of_the_problem(self, info: ValidationInfo) -> Configuration:
        problems: Problems = (info.context or {})[PROBLEMS]
        known = problems[self.problem]
        named = [gate.metric for gate in self.gates]
        named += [self.better_than_deployed] if self.better_than_deployed else []
        named += [self.tuning.metric] if self.tuning else []
        if unknown := sorted(set(named) - set(known)):
            raise ValueError(f"{', '.join(unknown)}: no metric of a {self.problem}; known are {', '.join(known)}")
        bias: Sequence[str] = (info.context or {}).get(BIAS, ())
        if found := faults(self.fairness, self.problem, named, bias):
            raise ValueError("; ".join(found))
        if self.fairness and self.data.target in (facet.column for facet in self.fairness.facets):
            raise ValueError(f"fairness.facets: {self.data.target} is the target")
        if self.tuning and self.tuning.metric in bias:
            raise ValueError(f"tuning.metric: {self.tuning.metric} is not measured by training jobs")
        if self.trend and self.trend.metric not in (gated := sorted({gate.metric for gate in self.gates})):
            raise ValueError(
                f"trend.metric: {self.trend.metric}; versions record the metrics of gates: use {' or '.join(gated)}, "
                "or add a gate"
            )
        return self

    def resources_of(self, step: str) -> Resources:
        return self.resources.get(step) or self.resources.get("default") or Resources()


def read_configuration(file: Path, root: Path) -> Configuration:
    return read_document(Configuration, file, root, {PROBLEMS: read_problems(root), BIAS: read_bias(root)})
