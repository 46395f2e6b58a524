"""Runs a pipeline definition on this machine: the commands of its jobs, one after another, without containers or AWS.

Folders below ``build/local`` stand for S3 and for the containers. Steps run with the Python of the command line.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plinth_project.build.local_runs.references import References
from plinth_project.documents import ProjectError

BUILD_ID = "local"
_CONTAINER_ROOT = "/opt/ml"


class StepFailedError(Exception):
    """A step failed for this reason, which is also the reason of the run."""


class GateMissedError(StepFailedError):
    """The pipeline itself ended its run: the model misses a gate."""


@dataclass(kw_only=True, slots=True)
class LocalRun:
    """One run of a definition."""

    definition: Mapping[str, Any]
    folder: Path
    parameters: Mapping[str, Any]
    announce: Callable[[str], object] = str
    """Receives each step as it starts."""
    registered: dict[str, Any] = field(default_factory=dict)
    """Request of the registration, if the model passed its gates."""
    _references: References = field(init=False)
    _files: dict[tuple[str, str], Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        defaults = {
            parameter["Name"]: parameter["DefaultValue"]
            for parameter in self.definition["Parameters"]
            if "DefaultValue" in parameter
        }
        self._references = References(
            parameters={**defaults, **self.parameters},
            variables={"PipelineExecutionId": BUILD_ID, "PipelineExecutionArn": BUILD_ID, "PipelineName": BUILD_ID},
            report=lambda step, name: json.loads(self._files[step, name].read_text(encoding="utf-8")),
        )

    def run(self) -> None:
        """Runs all steps. Raises StepFailedError with the reason of the first failure."""
        self._run(self.definition["Steps"])

    def store(self, uri: str) -> Path:
        """Returns the file or folder that stands for an S3 URI."""
        return self.folder / "s3" / uri.removeprefix("s3://").rstrip("/")

    def _run(self, steps: list[dict[str, Any]]) -> None:
        for step in _ordered(steps):
            self.announce(f"{step['Name']} ({step['Type']})")
            getattr(self, f"_{step['Type'].lower()}")(step)

    def _condition(self, step: Mapping[str, Any]) -> None:
        given = step["Arguments"]
        met = all(self._references.holds(condition) for condition in given["Conditions"])
        self._run(given["IfSteps"] if met else given["ElseSteps"])

    def _fail(self, step: Mapping[str, Any]) -> None:
        raise GateMissedError(self._references.resolve(step["Arguments"]["ErrorMessage"]))

    def _registermodel(self, step: Mapping[str, Any]) -> None:
        self.registered = self._references.resolve(step["Arguments"])
        self._references.properties[step["Name"]] = self.registered

    def _processing(self, step: Mapping[str, Any]) -> None:
        request = self._references.resolve(step["Arguments"])
        root = self._container(step["Name"])
        for it in request["ProcessingInputs"]:
            self._fetch(it["S3Input"]["S3Uri"], _inside(root, it["S3Input"]["LocalPath"]))
        outputs = request["ProcessingOutputConfig"]["Outputs"]
        for it in outputs:
            _inside(root, it["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)
        specification = request["AppSpecification"]
        words = [*specification["ContainerEntrypoint"], *specification.get("ContainerArguments", [])]
        self._execute(step["Name"], root, words, request["Environment"])
        for it in outputs:
            shutil.copytree(
                _inside(root, it["S3Output"]["LocalPath"]), self.store(it["S3Output"]["S3Uri"]), dirs_exist_ok=True
            )
        places = {it["OutputName"]: self.store(it["S3Output"]["S3Uri"]) for it in outputs}
        for file in step.get("PropertyFiles", []):
            self._files[step["Name"], file["PropertyFileName"]] = places[file["OutputName"]] / file["FilePath"]
        self._references.properties[step["Name"]] = request

    def _training(self, step: Mapping[str, Any]) -> None:
        request = self._references.resolve(step["Arguments"])
        uri, _ = self._train(step["Name"], step["Name"], request, request["HyperParameters"])
        self._references.properties[step["Name"]] = {**request, "ModelArtifacts": {"S3ModelArtifacts": uri}}

    def _tuning(self, step: Mapping[str, Any]) -> None:
        """Draws values at random. SageMaker searches in the ranges with its own strategy."""
        request = self._references.resolve(step["Arguments"])
        config, definition = request["HyperParameterTuningJobConfig"], request["TrainingJobDefinition"]
        objective = config["HyperParameterTuningJobObjective"]
        draws = random.Random(config.get("RandomSeed", 0))
        trials = []
        for number in range(config["ResourceLimits"]["MaxNumberOfTrainingJobs"]):
            name = f"{step['Name']}-{number + 1:03d}"
            values = {**definition["StaticHyperParameters"], **_drawn(config["ParameterRanges"], draws)}
            _, metrics = self._train(name, name, definition, values)
            trials.append((metrics[objective["MetricName"]], name))
        best = (max if objective["Type"] == "Maximize" else min)(trials)
        self._references.properties[step["Name"]] = {"TrainingJobSummaries": [{"TrainingJobName": best[1]}]}

    def _train(
        self, step: str, job: str, request: Mapping[str, Any], hyperparameters: Mapping[str, str]
    ) -> tuple[str, dict[str, float]]:
        """Trains once. Returns the URI of the model and the metrics in the log."""
        root = self._container(job)
        for channel in request["InputDataConfig"]:
            source = channel["DataSource"]["S3DataSource"]["S3Uri"]
            self._fetch(source, root / "input" / "data" / channel["ChannelName"])
        (root / "input" / "config").mkdir(parents=True)
        (root / "input" / "config" / "hyperparameters.json").write_text(json.dumps(hyperparameters))
        (root / "model").mkdir()
        specification = request["AlgorithmSpecification"]
        words = specification.get("ContainerEntrypoint", ["python", "-m", "training.train"])
        log = self._execute(step, root, words, request["Environment"])
        uri = f"{request['OutputDataConfig']['S3OutputPath']}/{job}/output/model.tar.gz"
        self.store(uri).parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(self.store(uri), "w:gz") as packed:
            for file in sorted((root / "model").iterdir()):
                packed.add(file, file.name)
        found = {
            metric_definition["Name"]: re.findall(metric_definition["Regex"], log)
            for metric_definition in specification["MetricDefinitions"]
        }
        return uri, {name: float(values[-1]) for name, values in found.items() if values}

    def _container(self, job: str) -> Path:
        root = self.folder / "containers" / job
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        return root

    def _fetch(self, uri: str, target: Path) -> None:
        source = self.store(uri)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        else:
            raise ProjectError(f"{uri}: nothing is there in a local run")

    def _execute(self, step: str, root: Path, words: list[str], environment: Mapping[str, str]) -> str:
        """Runs a command and returns its log. Paths of the container are replaced by those of this machine."""
        moved = {name: value.replace(_CONTAINER_ROOT, str(root)) for name, value in environment.items()}
        command = [sys.executable, *(word.replace(_CONTAINER_ROOT, str(root)) for word in words[1:])]
        done = subprocess.run(command, env={**os.environ, **moved}, capture_output=True, text=True, check=False)
        (root / "log.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
        if done.returncode:
            raise StepFailedError(f"{step}: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
        return done.stdout


def _ordered(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yields steps after those that they need. References and ``DependsOn`` name them."""
    waiting = {step["Name"]: step for step in steps}
    while waiting:
        free = [name for name, step in waiting.items() if not (_needs(step) & waiting.keys() - {name})]
        if not free:
            raise ProjectError(f"steps need each other: {', '.join(waiting)}")
        yield waiting.pop(free[0])


def _needs(step: Mapping[str, Any]) -> set[str]:
    return {*step.get("DependsOn", []), *re.findall(r'"Steps\.([^.\["]+)', json.dumps(step["Arguments"]))}


def _inside(root: Path, path: str) -> Path:
    return root / path.removeprefix(_CONTAINER_ROOT).lstrip("/")


def _drawn(ranges: Mapping[str, list[dict[str, str]]], draws: random.Random) -> dict[str, str]:
    integers = {
        parameter_range["Name"]: str(draws.randint(int(parameter_range["MinValue"]), int(parameter_range["MaxValue"])))
        for parameter_range in ranges["IntegerParameterRanges"]
    }
    numbers = {
        parameter_range["Name"]: str(
            draws.uniform(float(parameter_range["MinValue"]), float(parameter_range["MaxValue"]))
        )
        for parameter_range in ranges["ContinuousParameterRanges"]
    }
    return integers | numbers
