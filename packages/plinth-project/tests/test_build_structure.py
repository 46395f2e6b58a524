from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from generated import build_repository
from plinth_project.build.checks import check_settings, check_structure
from plinth_project.build.command import main
from plinth_project.build.configuration import BIAS, PROBLEMS, Configuration
from plinth_project.build.gates.fairness import Facet
from plinth_project.build.problems import read_bias, read_problems
from plinth_project.documents import ProjectError


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".*", "build")
    return shutil.copytree(build_repository(), tmp_path / "copy", ignore=ignored)


def changed(copy: Path, **fields: object) -> None:
    file = copy / "ml_pipelines" / "training" / "input.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))


def test_this_repository_has_the_structure() -> None:
    check_structure(build_repository())


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "algorithms" / "training" / "train" / "README.md").unlink()
    with pytest.raises(ProjectError) as error:
        check_structure(copy)
    assert error.value.faults == ("algorithms/training/train/README.md: missing",)


def test_a_path_of_the_container_in_a_step_is_named(copy: Path) -> None:
    file = copy / "algorithms" / "training" / "train" / "__main__.py"
    file.write_text('MODEL = "/opt/' + 'ml/model"\n')
    with pytest.raises(ProjectError, match=r"algorithms/training/train/__main__.py:1: contains the path"):
        check_structure(copy)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"gates": [{"metric": "f1"}]}, "gates.0: Value error, give either at_least or at_most"),
        ({"gates": [{"metric": "auc", "at_least": 0.5}]}, "auc: no metric of a"),
        ({"split": {"validation_fraction": 0.5, "test_fraction": 0.5, "seed": 1}}, "leave no rows for training"),
        ({"data": {"source": "athena", "target": "x"}}, "needs database and query"),
        ({"resources": {"trian": {}}}, "resources.trian: no step has this name"),
        ({"data": {"source": "sample", "target": "x", "file": "no.csv"}}, "no.csv does not exist"),
    ],
)
def test_wrong_settings_are_named(
    copy: Path, fields: dict[str, object], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(copy, **fields)
    with pytest.raises(SystemExit):
        main(copy, ["check", "--only", "settings"])
    said = capsys.readouterr().err
    assert said.startswith("ml_pipelines/training/input.json: ")
    assert reason in said


def require(copy: Path, **minimum: object) -> None:
    file = copy / "foundation.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "minimum_gates": minimum}))


def gated(copy: Path) -> tuple[str, str, float]:
    """Returns metric, direction and limit of the first gate."""
    gate = json.loads((copy / "ml_pipelines" / "training" / "input.json").read_text())["gates"][0]
    field = "at_least" if "at_least" in gate else "at_most"
    return gate["metric"], field, gate[field]


@pytest.mark.parametrize("command", [("check", "--only", "settings"), ("render",)])
def test_a_gate_that_is_weaker_than_the_foundation_requires_is_refused_with_both_numbers(
    copy: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    metric, field, limit = gated(copy)
    stricter = limit / 2 if field == "at_most" else (1 + limit) / 2
    require(copy, **{metric: {field: stricter}})
    with pytest.raises(SystemExit):
        main(copy, [*command])
    said = capsys.readouterr().err.strip()
    assert said.startswith("ml_pipelines/training/input.json: gates: ")
    assert said.endswith(f"{field} {limit:g} is weaker than the foundation requires, {field} {stricter:g}")


def test_a_metric_that_the_foundation_limits_needs_a_gate_in_the_same_direction(copy: Path) -> None:
    metric, field, limit = gated(copy)
    other = "at_most" if field == "at_least" else "at_least"
    for minimum, passes in (({field: limit}, True), ({other: limit}, False)):
        require(copy, **{metric: minimum})
        if passes:
            check_settings(copy)
            continue
        with pytest.raises(ProjectError, match=f"{metric} has no gate {other}; the foundation requires {other}"):
            check_settings(copy)


def test_limits_of_other_problems_do_not_apply_and_those_of_no_problem_are_named(copy: Path) -> None:
    problem = json.loads((copy / "ml_pipelines" / "training" / "input.json").read_text())["problem"]
    (of_others,) = [names[0] for kind, names in read_problems(copy).items() if kind != problem]
    require(copy, **{of_others: {"at_least": 0.5}})
    check_settings(copy)
    require(copy, f1_score={"at_least": 0.5})
    with pytest.raises(ProjectError, match="the foundation limits f1_score, which no problem has"):
        check_settings(copy)


SEX: dict[str, object] = {"column": "sex", "values": ["f", "x"]}


@pytest.mark.parametrize(
    ("facet", "text"),
    [
        (SEX, "sex=f,x"),
        ({"column": "age", "at_least": 60}, "age>=60"),
        ({"column": "age", "at_most": 0.5}, "age<=0.5"),
    ],
)
def test_a_facet_is_the_argument_of_a_job(facet: dict[str, object], text: str) -> None:
    assert Facet.model_validate_json(json.dumps(facet)).text == text


@pytest.mark.parametrize(
    ("facet", "reason"),
    [
        ({"column": "sex"}, "give either values, at_least or at_most"),
        ({**SEX, "at_least": 1}, "give either values, at_least or at_most"),
        ({"column": "a=b", "values": ["f"]}, "String should match pattern"),
        ({"column": "sex", "values": ["f,x"]}, "String should match pattern"),
        ({"column": "city", "values": ["x" * 300]}, "column and values have 305 characters; 256 are allowed"),
    ],
)
def test_a_facet_that_no_job_could_read_is_refused(facet: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Facet.model_validate_json(json.dumps(facet))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"problem": "regression"}, "a regression has no favourable class"),
        ({"fairness": {"facets": [SEX, SEX]}}, "fairness.facets: sex=f,x is named twice"),
        ({"fairness": {"facets": [{**SEX, "column": "target"}]}}, "fairness.facets: target is the target"),
        ({"fairness": None}, "gates: accuracy_difference compares groups; add fairness with its facets"),
        ({"fairness": {"facets": []}}, "at least 1 item"),
    ],
)
def test_a_wrong_comparison_of_groups_is_refused(settings: dict[str, object], reason: str) -> None:
    classification: dict[str, object] = {
        "problem": "classification",
        "data": {"source": "sample", "file": "sample.csv", "target": "target"},
        "split": {"validation_fraction": 0.2, "test_fraction": 0.2, "seed": 1},
        "gates": [{"metric": "accuracy_difference", "at_most": 0.1}],
        "fairness": {"facets": [SEX]},
        "card": {"purpose": "Grants loans", "owner": "credit"},
    }
    root = build_repository()
    context = {PROBLEMS: read_problems(root), BIAS: read_bias(root)}
    assert Configuration.model_validate_json(json.dumps(classification), context=context)
    wrong = {**classification, **settings}
    if wrong["problem"] == "regression":
        wrong["gates"] = [{"metric": "rmse", "at_most": 1}]
    with pytest.raises(ValueError, match=reason):
        Configuration.model_validate_json(json.dumps(wrong), context=context)


@pytest.mark.requirement("WP-03.d")
def test_the_foundation_can_require_a_gate_of_bias(copy: Path) -> None:
    file = copy / "ml_pipelines" / "training" / "input.json"
    settings = json.loads(file.read_text())
    require(copy, disparate_impact={"at_least": 0.8})
    if settings["problem"] == "regression":
        check_settings(copy)
        return
    with pytest.raises(ProjectError, match="disparate_impact has no gate at_least; the foundation requires at_least"):
        check_settings(copy)
    gates = [*settings["gates"], {"metric": "disparate_impact", "at_least": 0.8}]
    file.write_text(json.dumps({**settings, "gates": gates, "fairness": {"facets": [SEX]}}))
    check_settings(copy)


def test_a_missing_foundation_is_named(copy: Path) -> None:
    (copy / "foundation.json").unlink()
    with pytest.raises(ProjectError, match=r"foundation\.json: missing"):
        check_settings(copy)


def test_ranges_have_an_order_and_a_scale() -> None:
    shown = json.loads((build_repository() / "ml_pipelines" / "training" / "input.json").read_text())
    metric = shown["gates"][0]["metric"]
    for least, most, scale in ((1.0, 1.0, "Auto"), (0.0, 1.0, "Logarithmic")):
        range_ = {"kind": "continuous", "least": least, "most": most, "scale": scale}
        tuning = {"metric": metric, "jobs": 2, "parallel": 1, "ranges": {"learning_rate": range_}}
        with pytest.raises(ValueError, match=r"least|logarithmic"):
            Configuration.model_validate(
                {**shown, "tuning": tuning}, context={PROBLEMS: read_problems(build_repository())}
            )
