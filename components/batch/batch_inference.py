"""Batch inference of a registered version: its model, its pipeline, and the function that starts a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.batch.batch_place import BatchPlace
from components.batch.start_rule import StartRule, StartRuleArgs
from components.serving.prediction_function import PredictionFunction, PredictionFunctionArgs
from components.serving.registered_model import RegisteredModel, RegisteredModelArgs

START_SECONDS = 120
"""Time limit of a start, in which the function stores the code of the jobs in the folder of the run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchInferenceArgs:
    """Arguments of :class:`BatchInference`."""

    place: BatchPlace
    """Environment of the use case."""

    version_arn: str
    """ARN of the registered version that predicts."""

    definition: Callable[[str], str]
    """Returns the definition of the pipeline as JSON, for the name of the model."""

    code: pulumi.Archive
    """Files of the function, with the code of the jobs."""

    handler: str
    """Module and function that Lambda calls: ``start_batch.handler.handle``."""

    pattern: str | None = None
    """Pattern of the event that completes an input, as JSON. Exactly one of pattern and schedule is given."""

    schedule: str | None = None
    """Schedule expression, in UTC: ``cron(0 6 * * ? *)``."""

    containers: Sequence[Mapping[str, str]] = ()
    """Environment variables of each container of a serial inference pipeline (BI-06). All containers have the same
    version. By default, one container does everything."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""


class BatchInference(pulumi.ComponentResource):
    """The pipeline that predicts inputs with a registered version (BI-01, BI-03), and what starts it once for each
    input (BI-07).

    A run keeps the definition with which it began. The model of an earlier version is deleted after the pipeline has
    left it; a run that has not reached its batch transform then fails and can be started again for its input.

    Creates: the model of each version; the pipeline; the function with its log group; the rule with target and
    permission.

    Outputs: ``pipeline_name``, ``function_name``.

    Raises: ValueError for an ARN that is no version, or unless exactly one of pattern and schedule is given.

    Cost: none without runs. A run costs its instances by the second.

    Example::

        batch = BatchInference("batch", BatchInferenceArgs(
            place=place, version_arn=version_arn, definition=definition, code=code,
            handler="start_batch.handler.handle", schedule="cron(0 6 * * ? *)",
        ))
        pulumi.export("pipeline_name", batch.pipeline_name)
    """

    pipeline_name: pulumi.Output[str]
    """Name of the pipeline."""
    function_name: pulumi.Output[str]
    """Name of the function that starts runs, also on request."""

    def __init__(self, name: str, args: BatchInferenceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:batch:BatchInference", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        pipeline = self._pipeline(self._model())
        function = self._function(pipeline)
        self._rule(function)
        self.pipeline_name, self.function_name = pipeline.pipeline_name, function.function_name
        self.register_outputs({"pipeline_name": self.pipeline_name, "function_name": self.function_name})

    def _model(self) -> RegisteredModel:
        args, place = self._args, self._args.place
        model = RegisteredModelArgs(
            name_prefix=place.prefix,
            package_arns=[args.version_arn] * max(len(args.containers), 1),
            environments=args.containers,
            role_arn=place.serving_role_arn,
            subnet_ids=place.subnet_ids,
            security_group_ids=place.security_group_ids,
            isolated=place.isolated,
            tags=args.tags,
        )
        return RegisteredModel("model", model, self._child)

    def _pipeline(self, model: RegisteredModel) -> aws.sagemaker.Pipeline:
        place = self._args.place
        return aws.sagemaker.Pipeline(
            "pipeline",
            pipeline_name=place.pipeline_name,
            pipeline_display_name=place.pipeline_name,
            pipeline_description=f"Batch inference of {place.use_case}",
            role_arn=place.pipeline_role_arn,
            pipeline_definition=self._args.definition(model.content_name),
            tags=dict(self._args.tags) or None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[model]),
        )

    def _function(self, pipeline: aws.sagemaker.Pipeline) -> PredictionFunction:
        args, place = self._args, self._args.place
        function = PredictionFunctionArgs(
            function_name=place.function_name,
            description="Starts batch inference once for each input",
            code=args.code,
            handler=args.handler,
            role_arn=place.start_role_arn,
            variables={
                "BUCKET": place.bucket,
                "USE_CASE": place.use_case,
                "PIPELINE_NAME": pipeline.pipeline_name,
                "PIPELINE_PARAMETERS": json.dumps({}),
            },
            subnet_ids=place.subnet_ids,
            security_group_ids=place.security_group_ids,
            key_arn=place.key_arn,
            log_retention_days=place.log_retention_days,
            timeout_seconds=START_SECONDS,
            tags=args.tags,
        )
        return PredictionFunction("start", function, self._child)

    def _rule(self, function: PredictionFunction) -> None:
        args, place = self._args, self._args.place
        rule = StartRuleArgs(
            rule_name=place.rule_name,
            function_name=function.function_name,
            function_arn=function.function_arn,
            dead_letter_queue_arn=place.dead_letter_queue_arn,
            pattern=args.pattern,
            schedule=args.schedule,
        )
        StartRule("start", rule, self._child)
