"""The training jobs of a tuning job: their hyperparameters, their objectives, and which of them is the best."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.services.sagemaker.executor import sampling
from plinth_sandbox.emulator.services.sagemaker.executor.jobs import TRAINING, TUNING, find
from plinth_sandbox.emulator.store.record import Record


@dataclass(slots=True)
class Search:
    """The training jobs of a tuning job."""

    name: str
    account: str
    region: str
    config: Mapping[str, Any]
    definition: Mapping[str, Any]
    total: int
    combinations: list[dict[str, str]]
    """Hyperparameters of each training job, if the strategy is ``Grid``."""
    tags: list[Mapping[str, str]] = field(default_factory=list)
    """Tags, which all its training jobs get too (API, CreateHyperParameterTuningJob)."""
    trials: dict[str, dict[str, str]] = field(default_factory=dict)
    """Tuned hyperparameters by name of the training job."""

    @property
    def objective(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.config["HyperParameterTuningJobObjective"]
        return found

    def record(self, runtime: Runtime) -> Record | None:
        return find(TUNING, self.account, self.region, self.name, runtime)

    def jobs(self, runtime: Runtime) -> dict[str, Mapping[str, Any]]:
        """Returns the training jobs that exist, by name."""
        found = {name: find(TRAINING, self.account, self.region, name, runtime) for name in self.trials}
        return {name: record.values for name, record in found.items() if record is not None}

    def next_values(self) -> dict[str, str]:
        if self.combinations:
            return self.combinations[len(self.trials)]
        seed = self.config.get("RandomSeed")
        source = random.Random(random.random() if seed is None else f"{seed} {len(self.trials)}")
        return sampling.drawn(self.config["ParameterRanges"], source)


def searches(runtime: Runtime, account: str, region: str) -> dict[str, Any]:
    """Returns the searches of a region by name of the tuning job."""
    return runtime.memory.notes("sagemaker-tuning", account, region)


def running(search: Search, runtime: Runtime) -> list[str]:
    jobs = search.jobs(runtime)
    return [name for name, job in jobs.items() if job[TRAINING.status] in ("InProgress", "Stopping")]


def summaries(search: Search, runtime: Runtime) -> list[dict[str, Any]]:
    return [_summary(search, name, job) for name, job in search.jobs(runtime).items()]


def _summary(search: Search, name: str, job: Mapping[str, Any]) -> dict[str, Any]:
    metrics = {metric["MetricName"]: metric["Value"] for metric in job.get("FinalMetricDataList", [])}
    objective = metrics.get(search.objective["MetricName"])
    pending = job[TRAINING.status] in ("InProgress", "Stopping")
    found: dict[str, Any] = {
        TRAINING.name: name,
        "TrainingJobArn": f"arn:aws:sagemaker:{search.region}:{search.account}:training-job/{name}",
        "CreationTime": job[TRAINING.started],
        TRAINING.started: job[TRAINING.started],
        TRAINING.status: job[TRAINING.status],
        "TunedHyperParameters": search.trials[name],
        "ObjectiveStatus": "Pending" if pending else "Failed" if objective is None else "Succeeded",
    }
    found |= {key: job[key] for key in (TRAINING.ended, "FailureReason") if key in job}
    if objective is not None:
        found["FinalHyperParameterTuningJobObjectiveMetric"] = {**search.objective, "Value": objective}
    return found


def ranked(search: Search, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the training jobs with an objective, the best one first."""
    found = [job for job in jobs if job["ObjectiveStatus"] == "Succeeded"]
    highest = search.objective["Type"] == "Maximize"
    return sorted(found, key=objective_value, reverse=highest)


def objective_value(summary: Mapping[str, Any]) -> float:
    return float(summary["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])
