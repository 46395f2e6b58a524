"""Checks of a definition: cycles, variables, images, and a registration behind a gate."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from generated import NEEDS_SDK, build_repository
from plinth_project.build.git import Revision
from plinth_project.build.problems import FILE as PROBLEMS
from plinth_project.build.rendering import render
from plinth_project.definitions.soundness import refuse_unsound
from plinth_project.documents import ProjectError

FILE = "ml_pipelines/training/ml-pipeline-training.py"
TAGS = [{"Key": "plinth:use-case", "Value": "scoring"}]
TRAIN = {"Name": "Train", "Type": "Training", "Arguments": {"Environment": {}, "Tags": TAGS}}
EVALUATE = {
    "Name": "Evaluate",
    "Type": "Processing",
    "Arguments": {"Model": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}, "Tags": TAGS},
    "DependsOn": ["Train"],
}
REGISTER = {"Name": "Register", "Type": "RegisterModel", "Arguments": {}}
SCORE = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"}, "Path": "metrics.f1"}}
GATE: dict[str, Any] = {
    "Name": "Gate",
    "Type": "Condition",
    "Arguments": {
        "Conditions": [{"Type": "GreaterThanOrEqualTo", "LeftValue": SCORE, "RightValue": 0.8}],
        "IfSteps": [REGISTER],
        "ElseSteps": [{"Name": "Failed", "Type": "Fail", "Arguments": {"ErrorMessage": "too low"}}],
    },
}
SOUND: dict[str, Any] = {"Steps": [TRAIN, EVALUATE, GATE]}


def faults(definition: dict[str, Any], *, registers: bool = True) -> tuple[str, ...]:
    try:
        refuse_unsound(definition, FILE, registers=registers)
    except ProjectError as error:
        return error.faults
    return ()


def test_a_sound_definition_passes() -> None:
    assert faults(SOUND) == ()


def test_steps_that_wait_for_each_other_are_named() -> None:
    """Also if one waits by a dependency, one by what it reads, and one because a condition contains it."""
    waiting = copy.deepcopy(SOUND)
    waiting["Steps"][0]["DependsOn"] = ["Register"]
    (fault,) = faults(waiting)
    assert fault.startswith(f"{FILE}: step Train at /Steps/0 waits for itself: ")
    circle = fault.split(": ")[2].removesuffix("; remove one of these dependencies").split(" -> ")
    assert set(circle) == {"Train", "Evaluate", "Gate", "Register"}
    assert circle[0] == circle[-1]


@pytest.mark.parametrize(
    ("kind", "place", "most"),
    [
        ("Training", "Environment", 100),
        ("Processing", "Environment", 100),
        ("Tuning", "TrainingJobDefinition/Environment", 48),
        ("Transform", "Environment", 16),
    ],
)
def test_too_many_variables_are_refused_with_their_number_and_place(kind: str, place: str, most: int) -> None:
    def with_variables(number: int) -> dict[str, Any]:
        arguments: dict[str, Any] = {"Environment": {f"V{each}": "" for each in range(number)}}
        if "/" in place:
            arguments = {place.partition("/")[0]: arguments}
        arguments["Tags"] = TAGS
        return {"Steps": [{"Name": "Wide", "Type": kind, "Arguments": arguments}, GATE]}

    assert faults(with_variables(most)) == ()
    (fault,) = faults(with_variables(most + 1))
    said = f"{FILE}: step Wide at /Steps/0/Arguments/{place} has {most + 1} variables; a {kind} step admits {most}; "
    assert fault.startswith(said)


@pytest.mark.parametrize("image", ["python:3.12", "222222222222.dkr.ecr.eu-west-1.amazonaws.com/fraud/train:1", "\x1b"])
def test_an_image_from_elsewhere_or_without_a_digest_is_refused(image: str) -> None:
    wrong = copy.deepcopy(SOUND)
    wrong["Steps"][1]["Arguments"]["AppSpecification"] = {"ImageUri": image}
    (fault,) = faults(wrong)
    place = f"{FILE}: step Evaluate at /Steps/1/Arguments/AppSpecification/ImageUri has the image {image!r}; "
    assert fault.startswith(place)


@pytest.mark.parametrize(
    "image",
    [{"Get": "Parameters.Image"}, f"222222222222.dkr.ecr.eu-west-1.amazonaws.com/fraud/train@sha256:{'0' * 64}"],
)
def test_the_image_of_all_jobs_and_one_with_a_digest_pass(image: object) -> None:
    arguments = {"AlgorithmSpecification": {"TrainingImage": image}, "Tags": TAGS}
    assert faults({"Steps": [{**TRAIN, "Arguments": arguments}, GATE]}) == ()


@pytest.mark.parametrize("kind", ["Training", "Processing", "Tuning", "Transform"])
def test_a_job_without_tags_is_refused_also_below_a_condition(kind: str) -> None:
    untagged = {"Name": "Own", "Type": kind, "Arguments": {}}
    gate = {**GATE, "Arguments": {**GATE["Arguments"], "IfSteps": [REGISTER, untagged]}}
    (fault,) = faults({"Steps": [TRAIN, EVALUATE, gate]})
    place = "/Steps/2/Arguments/IfSteps/1"
    assert fault.startswith(f"{FILE}: step Own at {place} has no Tags, so the bill of the use case lacks its cost; ")


def test_a_pipeline_without_a_registration_is_refused() -> None:
    assert faults({"Steps": [TRAIN, EVALUATE]}) == (
        f"{FILE}: no step has the type RegisterModel; add jobs.registration below the gates",
    )


def test_a_pipeline_that_registers_nothing_needs_no_registration() -> None:
    assert faults({"Steps": [TRAIN, EVALUATE]}, registers=False) == ()
    assert len(faults({"Steps": [{**TRAIN, "DependsOn": ["Train"]}]}, registers=False)) == 1


def test_a_registration_outside_of_a_condition_is_refused() -> None:
    (fault,) = faults({"Steps": [TRAIN, EVALUATE, REGISTER]})
    assert fault.startswith(f"{FILE}: step Register at /Steps/2 registers without a Condition step; ")


@NEEDS_SDK
def test_rendering_reports_all_faults_at_once(tmp_path: Path) -> None:
    for name in ("foundation.json", "ml_pipelines/training/input.json", PROBLEMS, FILE):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((build_repository() / name).read_text())
    at = Revision(branch="main", commit="1" * 40)
    assert json.loads(render(tmp_path, "training", at))["Steps"]
    source = (tmp_path / FILE).read_text()
    ungated = re.sub(r"gates = _gates\(jobs, (.*)\)\n", r"gates = \1\n    split.add_depends_on([evaluate])\n", source)
    assert ungated != source
    (tmp_path / FILE).write_text(ungated)
    with pytest.raises(ProjectError) as error:
        render(tmp_path, "training", at)
    assert [re.sub(r"^.*?: step (\w+) at \S+ ", r"\1 ", fault).split(":")[0] for fault in error.value.faults] == [
        "Split waits for itself",
        "Register registers without a Condition step; put it into if_steps of a gate of input.json",
    ]
