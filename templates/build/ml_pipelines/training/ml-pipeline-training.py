"""The training pipeline: get data, split, train or tune, evaluate, pass the gates, describe the data and the model, and
register.

``steps`` is called with the step builder of this repository. The configuration is ``input.json``.
"""

from __future__ import annotations

import json
from typing import Any

from plinth_project.build.configuration import Gate, Trend
from plinth_project.build.jobs import Jobs
from plinth_project.build.steps import JobStep
from plinth_project.definitions.requests import MODEL
from plinth_project.metadata import metadata_value
from sagemaker.core.workflow.conditions import (
    ConditionGreaterThanOrEqualTo,
    ConditionIn,
    ConditionLessThanOrEqualTo,
)
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep

from shared_libraries.problems import BIAS_OF_DATA, LOWER_IS_BETTER

EVALUATION = "Evaluation"
SPLIT = "Split"


def steps(jobs: Jobs) -> list[Any]:
    """Returns the steps of the pipeline."""
    get_data = _get_data(jobs)
    split = _split(jobs)
    if get_data:
        split.add_depends_on([get_data])
    train, model = _train(jobs, split)
    evaluate = _evaluate(jobs, split, model)
    gates = _gates(jobs, _registered(jobs, split, evaluate, model))
    return [*filter(None, [get_data]), split, *_gates_of_data(jobs, [train, evaluate, *gates])]


def _get_data(jobs: Jobs) -> JobStep | None:
    """Queries the lake. For other sources, ``submit`` has stored the input of the build."""
    data = jobs.configuration.data
    if data.source != "athena":
        return None
    words = ["--query", data.query, "--database", data.database]
    return jobs.processing(
        "GetData",
        "preprocessing.get_data",
        inputs={},
        outputs={"output": jobs.build_uri("input")},
        words=[*words, "--workgroup", jobs.foundation.development.workgroup],
        isolated=False,
    )


def _split(jobs: Jobs) -> JobStep:
    configuration = jobs.configuration
    sizes = configuration.split
    words = {
        "--target": configuration.data.target,
        "--ignored": ",".join(configuration.data.ignored),
        "--validation-fraction": sizes.validation_fraction,
        "--test-fraction": sizes.test_fraction,
        "--seed": sizes.seed,
        "--stratify": "yes" if configuration.problem == "classification" else "no",
    }
    fairness = jobs.configuration.fairness
    facets = [word for text in fairness.texts for word in ("--facet", text)] if fairness else []
    parts = ("train", "validation", "test", "report", *(["facets"] if fairness else []))
    return jobs.processing(
        "Split",
        "preprocessing.split",
        inputs={"input": jobs.build_uri("input")},
        outputs={part: jobs.outputs_uri("split", part) for part in parts},
        words=[*(f"{name}={value}" for name, value in words.items()), *facets],
        reports={SPLIT: "report/split.json"},
    )


def _train(jobs: Jobs, split: JobStep) -> tuple[JobStep, Any]:
    """Returns the step that trains or tunes, and the URI of its model (TR-04)."""
    channels = {"train": split.output("train"), "validation": split.output("validation"), **_facets(jobs, split)}
    tuning, module = jobs.configuration.tuning, "training.train"
    if tuning is None:
        step = jobs.training("Train", module, channels=channels)
        return step, step.properties.ModelArtifacts.S3ModelArtifacts
    maximize = tuning.metric not in LOWER_IS_BETTER
    step = jobs.tuning("Tune", module, tuning, channels=channels, maximize=maximize)
    return step, jobs.best_model(step, module)


def _evaluate(jobs: Jobs, split: JobStep, model: Any) -> JobStep:
    """Evaluates on the part that training and tuning do not read."""
    return jobs.processing(
        "Evaluate",
        "postprocessing.evaluate",
        inputs={"model": model, "test": split.output("test"), **_facets(jobs, split)},
        outputs={"output": jobs.outputs_uri("evaluate")},
        words=["--metric", _compared_metric(jobs), "--deployed-model", jobs.deployed_model],
        reports={EVALUATION: "output/evaluation.json"},
        isolated=False,
    )


def _facets(jobs: Jobs, split: JobStep) -> dict[str, Any]:
    """Returns the input with the group of each row, if the configuration compares groups."""
    return {"facets": split.output("facets")} if jobs.configuration.fairness else {}


def _compared_metric(jobs: Jobs) -> str:
    """Returns the metric by which the model is compared with the deployed one."""
    return jobs.configuration.better_than_deployed or jobs.configuration.gates[0].metric


def _gates(jobs: Jobs, registered: list[Any]) -> list[Any]:
    """Returns the first condition, which contains the others and, at the end, the registration.

    A run is compared with the deployed model if `better_than_deployed` names a metric, and if it is a retraining.
    """
    metric = _compared_metric(jobs)
    values = [metric, _metric(metric), "is not better than", _evaluation("comparison.deployed")]
    found = ConditionIn(value=_evaluation("comparison.outcome"), in_values=["better", "nothing deployed"])
    inner = [_gate("BetterThanDeployed", found, registered, [*values, "of the deployed model"])]
    if jobs.trend_limit is not None:
        inner = [_gate_of_trend(jobs.configuration.trend, jobs.trend_limit, inner)]
    for gate in reversed(jobs.configuration.gates):
        if gate.metric not in BIAS_OF_DATA:
            inner = [_gate_of_metric(gate, inner)]
    return inner


def _gates_of_data(jobs: Jobs, inner: list[Any]) -> list[Any]:
    """Returns steps behind the gates of the training data, so that a model of data that miss one is not trained."""
    for gate in reversed(jobs.configuration.gates):
        if gate.metric in BIAS_OF_DATA:
            inner = [_gate_of_metric(gate, inner)]
    return inner


def _gate_of_metric(gate: Gate, inner: list[Any]) -> ConditionStep:
    name = f"Gate-{gate.metric.replace('_', '-')}"
    if gate.at_least is not None:
        reached = ConditionGreaterThanOrEqualTo(left=_metric(gate.metric), right=gate.at_least)
        return _gate(name, reached, inner, [gate.metric, _metric(gate.metric), "<", str(gate.at_least)])
    reached = ConditionLessThanOrEqualTo(left=_metric(gate.metric), right=gate.at_most)
    return _gate(name, reached, inner, [gate.metric, _metric(gate.metric), ">", str(gate.at_most)])


def _gate_of_trend(trend: Trend, limit: Any, inner: list[Any]) -> ConditionStep:
    """Returns the gate against a decline over versions (MON-07). The submission computes the limit."""
    lower = trend.metric in LOWER_IS_BETTER
    condition = ConditionLessThanOrEqualTo if lower else ConditionGreaterThanOrEqualTo
    reached = condition(left=_metric(trend.metric), right=limit)
    words = [trend.metric, _metric(trend.metric), ">" if lower else "<", limit, "by the trend of the last versions"]
    return _gate(f"Trend-{trend.metric.replace('_', '-')}", reached, inner, words)


def _gate(name: str, condition: Any, inner: list[Any], reason: list[Any]) -> ConditionStep:
    """Returns a condition that ends the run with a reason if it does not hold (TR-06)."""
    failed = FailStep(f"{name}-failed", error_message=Join(on=" ", values=reason))
    return ConditionStep(name, conditions=[condition], if_steps=inner, else_steps=[failed])


def _registered(jobs: Jobs, split: JobStep, evaluate: JobStep, model: Any) -> list[Any]:
    """Returns the steps that run after all gates: baseline, explanation, package and registration."""
    wanted = jobs.configuration.explanation
    parts = {name: split.output(name) for name in ("train", "validation")}
    baseline = jobs.processing(
        "Baseline",
        "postprocessing.baseline",
        inputs={**parts, "model": model, **_facets(jobs, split)},
        outputs={"output": jobs.outputs_uri("baseline")},
        words=[f"--explained-rows={wanted.rows}", f"--seed={jobs.configuration.split.seed}"] if wanted else [],
    )
    explain = _explain(jobs, split, model)
    explanation = {"explanation": explain.output("output")} if explain else {}
    described = {"evaluation": evaluate.output("output"), "baseline": baseline.output("output"), **explanation}
    lineage = _lineage(jobs)
    package = jobs.processing(
        "Package",
        "postprocessing.package",
        inputs={"model": model, **described},
        outputs={"output": jobs.package_uri()},
        words=["--lineage", *(Join(on="=", values=[name, value]) for name, value in lineage.items())],
        key_arn=jobs.foundation.registry.key_arn,
    )
    register = jobs.registration("Register", _version(jobs, package, lineage))
    return [baseline, *filter(None, [explain]), package, register]


def _explain(jobs: Jobs, split: JobStep, model: Any) -> JobStep | None:
    """Explains predictions for the test data (WP-04)."""
    wanted = jobs.configuration.explanation
    if wanted is None:
        return None
    return jobs.processing(
        "Explain",
        "postprocessing.explain",
        inputs={"model": model, "test": split.output("test")},
        outputs={"output": jobs.outputs_uri("explain")},
        words=[f"--rows={wanted.rows}", f"--seed={jobs.configuration.split.seed}"],
    )


def _lineage(jobs: Jobs) -> dict[str, Any]:
    """Returns the origin of a version: build, repository, commit, branch, trigger, data, image and parameters."""
    return {
        "build_id": jobs.build_id,
        "repository": jobs.names.repository,
        "commit": jobs.revision.commit,
        "branch": metadata_value(jobs.revision.branch),
        "trigger": jobs.trigger,
        "monitoring_report": jobs.monitoring_report,
        "execution": ExecutionVariables.PIPELINE_EXECUTION_ARN,
        "data_source": metadata_value(jobs.configuration.data.origin),
        "data_snapshot": jobs.build_uri("input"),
        "data_sha256": JsonGet(step_name="Split", property_file=SPLIT, json_path="sha256"),
        "image": jobs.image,
        "parameters": jobs.options,
    }


def _version(jobs: Jobs, package: JobStep, lineage: dict[str, Any]) -> dict[str, Any]:
    """Returns the request of the registration: archive, metrics, baseline, lineage and model card."""

    def file(name: str, kind: str = "application/json") -> dict[str, Any]:
        return {"ContentType": kind, "S3Uri": Join(on="", values=[jobs.package_uri(), name])}

    # The reference to the step makes the registration wait for it.
    archive = Join(on="", values=[package.output("output"), "model.tar.gz"])
    quality = {"Statistics": file("statistics.json"), "Constraints": file("constraints.json")}
    measured = {"ModelQuality": {"Statistics": file("evaluation.json")}, "ModelDataQuality": quality}
    others = {name: {"Report": file(report)} for name, report in _reports(jobs).items()}
    metrics = {gate.metric: Join(on="", values=[_metric(gate.metric)]) for gate in jobs.configuration.gates}
    return {
        "ModelPackageDescription": f"{jobs.configuration.card.purpose} ({jobs.revision.commit[:7]})",
        "InferenceSpecification": {
            "Containers": [{"Image": jobs.image, "ModelDataUrl": archive, "Environment": {"SM_MODEL_DIR": MODEL}}],
            "SupportedContentTypes": ["text/csv", "application/json"],
            "SupportedResponseMIMETypes": ["text/csv", "application/json"],
        },
        "ModelMetrics": {**measured, **others},
        "DriftCheckBaselines": {"ModelDataQuality": quality},
        "MetadataProperties": {
            "CommitId": jobs.revision.commit,
            "GeneratedBy": ExecutionVariables.PIPELINE_EXECUTION_ARN,
        },
        "CustomerMetadataProperties": {**lineage, **metrics},
        "ModelCard": {"ModelCardContent": _card(jobs), "ModelCardStatus": "Draft"},
    }


def _reports(jobs: Jobs) -> dict[str, str]:
    """Returns the reports of a version beyond its evaluation, by their names in the registry."""
    bias = {"Bias": "bias.json"} if jobs.configuration.fairness else {}
    return {**bias, **({"Explainability": "explanation.json"} if jobs.configuration.explanation else {})}


def _card(jobs: Jobs) -> Join:
    """Returns the model card as JSON text, into which SageMaker puts the values of the run.

    Schema: Amazon SageMaker Developer Guide, "Model card JSON schema" (read 2026-11-22).
    """
    card, gates = jobs.configuration.card, jobs.configuration.gates
    values = {f"<{gate.metric}>": _metric(gate.metric) for gate in gates}
    package = f"s3://{jobs.foundation.registry.bucket}/{jobs.names.models}<build_id>/"
    content = {
        "intended_uses": {"purpose_of_model": card.purpose, "risk_rating": card.risk},
        "business_details": {"business_stakeholders": card.owner},
        "evaluation_details": [
            {
                "name": "held-out test data",
                "metadata": {name: f"{package}{file}" for name, file in _reports(jobs).items()},
                "metric_groups": [
                    {
                        "name": jobs.configuration.problem,
                        "metric_data": [
                            {"name": gate.metric, "type": "number", "value": f"<{gate.metric}>"} for gate in gates
                        ],
                    }
                ],
            }
        ],
        "additional_information": {
            "custom_details": {"commit": jobs.revision.commit, "branch": jobs.revision.branch, "build_id": "<build_id>"}
        },
    }
    text = json.dumps(content, sort_keys=True)
    for mark in values:
        text = text.replace(f'"{mark}"', f"\0{mark}\0")
    text = text.replace("<build_id>", "\0<build_id>\0")
    found = {**values, "<build_id>": jobs.build_id}
    return Join(on="", values=[found.get(part, part) for part in text.split("\0")])


def _metric(name: str) -> JsonGet:
    if name in BIAS_OF_DATA:
        return JsonGet(step_name="Split", property_file=SPLIT, json_path=f"metrics.{name}")
    return _evaluation(f"metrics.{name}")


def _evaluation(path: str) -> JsonGet:
    return JsonGet(step_name="Evaluate", property_file=EVALUATION, json_path=path)
