"""The private REST API of predictions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pulumi
import pulumi_aws as aws

from components.apis.private_stage import PrivateStage, PrivateStageArgs, private_stage
from components.identity.iam.statements import VERSION
from components.serving.api.api_callers import ApiCallers
from components.serving.api.caller_plan import CallerPlan
from components.serving.api.usage_plans import UsagePlans, UsagePlansArgs

STAGE = "live"
"""Name of the only stage. The version of the contract is in the paths of the document."""
_DIGITS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionApiArgs:
    """Arguments of :class:`PredictionApi`."""

    api_name: str
    """Name of the API and of its log group."""

    region: str
    """Region of the API."""

    document: Mapping[str, Any]
    """OpenAPI document with the integrations of API Gateway. Every operation requires a signature."""

    callers: ApiCallers
    """Roles that may call, and the VPC endpoints through which they do."""

    function_name: pulumi.Input[str]
    """Name of the function that the document integrates."""

    endpoint_name: pulumi.Input[str]
    """Name of the endpoint that answers, for the description. The API changes only after the endpoint."""

    key_arn: str
    """ARN of the KMS key of the access log."""

    requests_per_second: int
    """Request rate of all callers together, 1 to 10,000 (the quota of an account and Region)."""

    burst: int
    """Requests at the same time, 1 to 5,000."""

    log_retention_days: int
    """Days that access logs are kept."""

    plans: Sequence[CallerPlan] = ()
    """Limits of single callers. With plans, the document requires an API key of every request."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""


class PredictionApi(pulumi.ComponentResource):
    """A private API: named roles call it through VPC endpoints, with signed requests that it validates, throttles and
    logs without their content.

    API Gateway writes the access log only if the account has a role for it.

    Creates: the API from its document; a deployment, which is a snapshot of the document; the stage with its encrypted
    access log and limits; the permission to invoke the function; a key and a usage plan for each caller with limits of
    its own.

    Outputs: ``api_id``, ``url``, ``key_ids``.

    Raises: ValueError for limits that API Gateway does not have.

    Cost: 3.50 USD per million requests, plus the network's endpoint.

    Example::

        PredictionApi("api", PredictionApiArgs(
            api_name="fraud--scoring-prod", region="eu-west-1", document=document, callers=callers,
            function_name=function.function_name, endpoint_name=endpoint.endpoint_name, key_arn=key_arn,
            requests_per_second=20, burst=40, log_retention_days=365,
        ))
    """

    api_id: pulumi.Output[str]
    """Id of the API."""
    url: pulumi.Output[str]
    """URL of the stage through the VPC endpoint of the environment, known once it answers."""
    key_ids: dict[str, pulumi.Output[str]]
    """Ids of API keys by the name of the caller."""

    def __init__(self, name: str, args: PredictionApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:serving:PredictionApi", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        body = json.dumps(
            {
                **args.document,
                "x-amazon-apigateway-policy": {
                    "Version": VERSION,
                    "Statement": [statement.as_json() for statement in args.callers.resource_policy()],
                },
            }
        )
        api = aws.apigateway.RestApi(
            f"{name}-api",
            name=args.api_name,
            description=pulumi.Output.concat("Predictions of the endpoint ", args.endpoint_name),
            body=body,
            endpoint_configuration=aws.apigateway.RestApiEndpointConfigurationArgs(
                types="PRIVATE", vpc_endpoint_ids=[args.callers.own_endpoint_id]
            ),
            tags=dict(args.tags) or None,
            opts=self._child,
        )
        stage = self._stage(api, body)
        self.key_ids = self._plans(api, stage.stage)
        ready = [stage.limits.id, self._permission(api).id, *self.key_ids.values()]
        self.api_id = api.id
        host = pulumi.Output.concat(api.id, f"-{args.callers.own_endpoint_id}.execute-api.{args.region}.amazonaws.com")
        url = pulumi.Output.concat("https://", host, "/", stage.stage.stage_name)
        self.url = pulumi.Output.all(url, *ready).apply(lambda known: str(known[0]))
        self.register_outputs({"api_id": self.api_id, "url": self.url, "key_ids": self.key_ids})

    def _stage(self, api: aws.apigateway.RestApi, body: str) -> PrivateStage:
        digest = sha256(body.encode()).hexdigest()[:_DIGITS]
        deployment = aws.apigateway.Deployment(
            # A name of its own for each document. API Gateway refuses to delete a deployment that a stage names, so the
            # old one has to stay until the stage has changed, also after a failed update.
            f"{self._name}-deployment-{digest}",
            rest_api=api.id,
            triggers={"document": digest},
            opts=self._child,
        )
        return private_stage(
            self._name,
            PrivateStageArgs(
                stage_name=STAGE,
                api_id=api.id,
                deployment_id=deployment.id,
                log_group=f"/plinth/{self._args.api_name}/api",
                key_arn=self._args.key_arn,
                log_retention_days=self._args.log_retention_days,
                requests_per_second=self._args.requests_per_second,
                burst=self._args.burst,
                keeps_logs=True,
                tags=self._args.tags,
            ),
            self,
        )

    def _plans(self, api: aws.apigateway.RestApi, stage: aws.apigateway.Stage) -> dict[str, pulumi.Output[str]]:
        if not self._args.plans:
            return {}
        args = UsagePlansArgs(
            api_name=self._args.api_name,
            api_id=api.id,
            stage_name=stage.stage_name,
            plans=self._args.plans,
            tags=self._args.tags,
        )
        return UsagePlans(f"{self._name}-plans", args, self._child).key_ids

    def _permission(self, api: aws.apigateway.RestApi) -> aws.lambda_.Permission:
        return aws.lambda_.Permission(
            f"{self._name}-permission",
            statement_id="PredictionApi",
            action="lambda:InvokeFunction",
            function=self._args.function_name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
            opts=self._child,
        )
