"""Logs of pipeline runs: SageMaker writes those of their jobs to a log group for each kind of job in development."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfservice.reports import delivery
from selfservice.reports.delivery import DeliveryPlace
from selfservice.reports.logs.events import Log, streams_of
from selfservice.reports.logs.logged import DEVELOPMENT_READERS, Logged, most_telling

_GROUPS = {
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
    "TransformJob": "/aws/sagemaker/TransformJobs",
}
"""Log group by member of a step's metadata (SageMaker Developer Guide, "CloudWatch Logs")."""
_TUNING = "TuningJob"
_STATUSES = ("Failed", "Executing")
"""Statuses of steps whose logs say more than those of others, the most telling first."""
Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunLogs:
    """Executions of the SageMaker pipelines of a use case."""

    place: DeliveryPlace

    def newest(self) -> list[Logged]:
        """Returns the newest runs, the newest first."""
        return [
            Logged(
                what="run",
                id=str(row["run"]),
                status=str(row["status"]),
                started=str(row["started"]),
                pipeline=str(row["pipeline"]),
            )
            for row in delivery.runs(self.place)
        ]

    def summary(self, logged: Logged) -> Sequence[str]:
        """Returns the complete reason of each failed step."""
        failed = [step for step in self._steps(logged) if step.get("FailureReason")]
        return [line for step in failed for line in f"{step['StepName']}: {step['FailureReason']}".splitlines()]

    def logs(self, logged: Logged) -> Sequence[Log]:
        """Returns the logs of the jobs that failed, or else of those under way, or else of all."""
        steps = [(str(step.get("StepStatus")), step) for step in self._steps(logged)]
        return [
            log
            for group, job in most_telling(steps, _STATUSES, self._jobs)
            for log in streams_of(self.place.development, group, f"{job}/", DEVELOPMENT_READERS)
        ]

    def _steps(self, logged: Logged) -> list[Step]:
        account = self.place.development
        arn = f"arn:aws:sagemaker:{account.region}:{account.id}:pipeline/{logged.pipeline}/execution/{logged.id}"
        operation, key = "list_pipeline_execution_steps", "PipelineExecutionSteps"
        return list(account.every("sagemaker", operation, key, PipelineExecutionArn=arn, SortOrder="Ascending"))

    def _jobs(self, step: Step) -> Iterator[tuple[str, str]]:
        """Yields the log group and the name of each job of a step."""
        for kind, described in step.get("Metadata", {}).items():
            name = str(described.get("Arn", "")).rpartition("/")[2]
            if kind in _GROUPS and name:
                yield _GROUPS[kind], name
            elif kind == _TUNING and name:
                yield from self._training_jobs(name)

    def _training_jobs(self, tuning_job: str) -> Iterator[tuple[str, str]]:
        """Yields the newest failed training job of a tuning job, or else the newest one."""
        operation, key = "list_training_jobs_for_hyper_parameter_tuning_job", "TrainingJobSummaries"
        asked = {"HyperParameterTuningJobName": tuning_job, "SortBy": "CreationTime", "SortOrder": "Descending"}
        jobs = list(self.place.development.every("sagemaker", operation, key, **asked))
        failed = [job for job in jobs if job["TrainingJobStatus"] == "Failed"]
        for job in (failed or jobs)[:1]:
            yield _GROUPS["TrainingJob"], str(job["TrainingJobName"])
