"""The pipeline of batch inference: predict the rows of an input, describe and return the predictions, and compare both
with the data of training.

``steps`` is called with the job builder of this repository. The configuration is ``inference_config.json``.
"""

from __future__ import annotations

from typing import Any

from plinth_project.deployment.batch import BatchJobs, failure_if_positive, output_of, result_of, value_of

DRIFT = "Drift"


def steps(jobs: BatchJobs) -> list[dict[str, Any]]:
    """Returns the steps of the pipeline."""
    source = {"input": jobs.run_uri("input"), "version": jobs.version}
    prepare = jobs.processing(
        "Prepare",
        "batch_inference.prepare",
        inputs=source,
        outputs={"features": jobs.outputs_uri("features"), "others": jobs.outputs_uri("others")},
    )
    score = jobs.transform("Score", output_of(prepare, "features"), jobs.outputs_uri("predictions"))
    report = jobs.processing(
        "Report",
        "batch_inference.report",
        inputs={"predictions": result_of(score), "others": output_of(prepare, "others")},
        outputs={"results": jobs.outputs_uri("results"), "report": jobs.outputs_uri("reports")},
    )
    drift = jobs.processing(
        DRIFT,
        "batch_inference.drift",
        inputs={**source, "predictions": result_of(score)},
        outputs={"output": jobs.outputs_uri("drift")},
        words=["--run", jobs.run, *jobs.tells],
        reports={DRIFT: "output/drift.json"},
        # In production, it sends an event.
        isolated=not jobs.tells,
    )
    returned = jobs.returned("Return", output_of(report, "results"))
    # Drift does not hold results back: they exist, and the run says that they may be wrong.
    compare = failure_if_positive(
        "Compare",
        value_of(drift, DRIFT, "differing"),
        ["the input differs from the data of training: ", value_of(drift, DRIFT, "columns")],
        after=[(returned or [report])[-1]["Name"]],
    )
    return [prepare, score, report, drift, *returned, compare]
