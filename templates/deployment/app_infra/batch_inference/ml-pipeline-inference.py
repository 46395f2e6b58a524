"""The pipeline of batch inference: predict the rows of an input, and describe the predictions.

``steps`` is called with the job builder of this repository. The configuration is ``inference_config.json``.
"""

from __future__ import annotations

from typing import Any

from shared_libraries.project.batch import BatchJobs


def steps(jobs: BatchJobs) -> list[Any]:
    """Returns the steps of the pipeline."""
    score = jobs.processing(
        "Score",
        "batch_inference.score",
        inputs={"input": jobs.run_uri("input"), "model": jobs.model},
        outputs={"output": jobs.outputs_uri("results")},
    )
    report = jobs.processing(
        "Report",
        "batch_inference.report",
        inputs={"predictions": score.output("output")},
        outputs={"output": jobs.outputs_uri("reports")},
    )
    return [score, report]
