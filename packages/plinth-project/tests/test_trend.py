"""The trend of a metric over the registered versions, and the value that a candidate has to reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clients import Aws
from generated import build_foundation, build_repository, with_problems
from plinth_project.build.configuration import PROBLEMS, Configuration, Trend
from plinth_project.build.gates.trend import no_limit, trend_limit
from plinth_project.build.git import Revision
from plinth_project.build.problems import read_problems
from plinth_project.build.submission import Submission

GROUP = "fraud--scoring-main"


class Registry(Aws):
    """A group with these values of a metric, the newest first; None for a version without it."""

    def __init__(self, *values: float | None, rejected: int | None = None) -> None:
        super().__init__()
        self.values = values
        summaries = [
            {"ModelPackageArn": str(number), "ModelApprovalStatus": "Rejected" if number == rejected else "Approved"}
            for number in range(len(values))
        ]
        self.pages = {"list_model_packages": {"ModelPackageSummaryList": summaries}}

    def describe_model_package(self, *, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803 (name of the API)
        value = self.values[int(ModelPackageName)]
        return {"CustomerMetadataProperties": {} if value is None else {"f1": str(value), "rmse": str(value)}}


@pytest.mark.requirement("MON-07.b")
@pytest.mark.parametrize(
    ("registry", "trend", "limit"),
    [
        (Registry(), Trend(metric="f1", loss=0.1), None),
        (Registry(0.9), Trend(metric="f1", loss=0.1), None),
        (Registry(0.9, None), Trend(metric="f1", loss=0.1), None),
        (Registry(0.8, 0.9), Trend(metric="f1", loss=0.1), 0.75),
        (Registry(0.8, None, 0.9), Trend(metric="f1", loss=0.0), 0.85),
        (Registry(0.8, 0.9, 0.1), Trend(metric="f1", loss=0.0, versions=2), 0.85),
        (Registry(0.1, 0.8, 0.9, rejected=0), Trend(metric="f1", loss=0.0), 0.85),
        (Registry(60.0, 70.0), Trend(metric="rmse", loss=5.0), 70.0),
    ],
)
def test_the_limit_is_the_mean_of_the_newest_versions_less_the_loss(
    tmp_path: Path, registry: Registry, trend: Trend, limit: float | None
) -> None:
    assert trend_limit(trend, with_problems(tmp_path), registry, GROUP) == (limit and pytest.approx(limit))


@pytest.mark.parametrize(("values", "given"), [((0.5, 1.0), {"TrendLimit": "0.5"}), ((0.9,), {})])
def test_a_submission_gives_the_limit_to_the_pipeline(
    tmp_path: Path, values: tuple[float, ...], given: dict[str, str]
) -> None:
    folder = with_problems(tmp_path) / "ml_pipelines" / "training"
    folder.mkdir(parents=True)
    shown = json.loads((build_repository() / "ml_pipelines" / "training" / "input.json").read_text())
    (folder / "input.json").write_text(json.dumps(shown | {"trend": {"metric": "f1", "loss": 0.25}}))
    development = Aws(start_pipeline_execution={"PipelineExecutionArn": "arn:run"})
    Submission(
        root=tmp_path,
        pipeline="training",
        foundation=build_foundation(),
        revision=Revision(branch="main", commit="1a2b3c4d" * 5),
        definition='{"Parameters": []}',
        registry=Registry(*values),
        development=development,
    ).start(None)
    (parameters,) = development.started()
    assert {name: value for name, value in parameters.items() if name == "TrendLimit"} == given


def test_without_a_trend_every_value_is_enough(tmp_path: Path) -> None:
    root = with_problems(tmp_path)
    assert no_limit(Trend(metric="f1", loss=0), root) < -1e200
    assert no_limit(Trend(metric="rmse", loss=0), root) > 1e200


@pytest.mark.parametrize(
    ("trend", "message"),
    [
        ({"metric": "roc_auc", "loss": 0.1}, "trend.metric: roc_auc; versions record the metrics of gates: use"),
        ({"metric": "f1", "loss": -1}, "greater than or equal to 0"),
        ({"metric": "f1", "loss": 0, "versions": 1}, "greater than or equal to 2"),
        ({"metric": "f1"}, "Field required"),
    ],
)
def test_a_trend_that_cannot_be_judged_is_refused(tmp_path: Path, trend: dict[str, Any], message: str) -> None:
    text = (build_repository() / "ml_pipelines" / "training" / "input.json").read_text()
    shown = Configuration.model_validate_json(text, context={PROBLEMS: read_problems(build_repository())})
    given = shown.model_dump() | {"trend": trend}
    with pytest.raises(ValueError, match=message):
        Configuration.model_validate(given, context={PROBLEMS: read_problems(with_problems(tmp_path))})
