"""A private API for datasets of the data lake, used by training and inference workloads (DL-12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import pulumi
import pulumi_aws as aws

from components.apis.private_stage import PrivateStage, PrivateStageArgs, private_stage
from components.data_lake.api.data_api_document import DataApiDocument, Served
from components.identity.iam.principals import service_trust
from components.identity.workloads.api_permissions import API_SERVICE, STAGE, serve_data_api
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.workload_permissions import WorkloadScope
from components.queries.enforced_workgroup import enforced_workgroup
from settings.data.ml_layout import QueryResults


@dataclass(frozen=True, kw_only=True, slots=True)
class DataApiArgs:
    """Arguments of :class:`DataApi`."""

    api_name: str
    """Name of the API, its role and its workgroup: ``fraud-development-data-api``."""

    scope: WorkloadScope
    """Data and key of the environment."""

    served: Sequence[Served]
    """Dataset parts that the API serves."""

    caller_arns: Sequence[pulumi.Input[str]]
    """ARNs of the roles that may call the API."""

    organization_id: pulumi.Input[str]
    """Id of the organization. Requests by roles of others are denied."""

    endpoint_id: pulumi.Input[str]
    """Id of the VPC endpoint in the environment's network, the only way to reach the API."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    requests_per_second: int
    """Maximum request rate of all callers together. The burst limit is twice as high."""

    log_retention_days: int
    """Days that logs are kept."""


class DataApi(pulumi.ComponentResource):
    """A private API that translates requests into Athena queries without intermediate code.

    The API queries with a role of its own, which reads what Lake Formation grants to it, in a workgroup of its own.
    Query texts are defined here; callers only supply values.

    Creates: the role with its policy; the workgroup; the API from one OpenAPI document, deployed as a stage that is
    throttled, traced, and logs all requests to an encrypted log group.

    Outputs: ``url``, ``role_arn``.

    Cost: 3.50 USD per million requests, and 5 USD per TB scanned by queries, plus the network's endpoint.

    Example::

        DataApi("data-api", DataApiArgs(
            api_name="fraud-development-data-api", scope=scope, served=[served], caller_arns=[execution_arn],
            organization_id="o-acme", endpoint_id=endpoint_id, boundary_arn=boundary.arn, requests_per_second=10,
            log_retention_days=365,
        ))
    """

    url: pulumi.Output[str]
    """URL of the API, known once it responds."""
    role_arn: pulumi.Output[str]
    """ARN of the role that queries."""

    def __init__(self, name: str, args: DataApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:DataApi", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        role = self._role()
        self._workgroup()
        document = self._document(role)
        api = self._api(document)
        stage = self._stage(api, document)
        self.role_arn = role.arn
        self.url = pulumi.Output.all(stage.stage.invoke_url, stage.limits.id).apply(lambda known: str(known[0]))
        self.register_outputs({"url": self.url, "role_arn": self.role_arn})

    def _role(self) -> BoundedRole:
        args = self._args
        return BoundedRole(
            f"{self._name}-role",
            BoundedRoleArgs(
                role_name=args.api_name,
                description=f"Asks the lake for callers of {args.api_name}",
                trust=service_trust(API_SERVICE, account_id=args.scope.account_id),
                permissions=serve_data_api(args.scope, args.api_name),
                boundary_arn=args.boundary_arn,
            ),
            self._child,
        )

    def _workgroup(self) -> aws.athena.Workgroup:
        args = self._args
        answers = QueryResults(workgroup=args.api_name).prefix
        bucket = pulumi.Output.from_input(args.scope.bucket_arn).apply(lambda arn: arn.rpartition(":")[2])
        return enforced_workgroup(
            f"{self._name}-workgroup",
            workgroup_name=args.api_name,
            description=f"Requests to {args.api_name}",
            answers=pulumi.Output.concat("s3://", bucket, f"/{answers}"),
            account_id=args.scope.account_id,
            key_arn=args.scope.key_arn,
            parent=self,
        )

    def _document(self, role: BoundedRole) -> pulumi.Output[str]:
        args = self._args
        document = DataApiDocument(
            title=args.api_name,
            served=args.served,
            workgroup=args.api_name,
            role_arn=role.arn,
            region=args.scope.region,
            callers=args.caller_arns,
            organization_id=args.organization_id,
            endpoint_id=args.endpoint_id,
        )
        return pulumi.Output.json_dumps(document.body())

    def _api(self, document: pulumi.Output[str]) -> aws.apigateway.RestApi:
        return aws.apigateway.RestApi(
            f"{self._name}-api",
            name=self._args.api_name,
            description=f"Datasets for {self._args.scope.role_prefix}",
            body=document,
            endpoint_configuration=aws.apigateway.RestApiEndpointConfigurationArgs(types="PRIVATE"),
            opts=self._child,
        )

    def _stage(self, api: aws.apigateway.RestApi, document: pulumi.Output[str]) -> PrivateStage:
        """Creates the stage. A deployment is a snapshot of the document, so each change of the document needs a new
        one."""
        deployment = aws.apigateway.Deployment(
            f"{self._name}-deployment",
            rest_api=api.id,
            triggers={"document": document.apply(lambda text: sha256(text.encode()).hexdigest())},
            opts=self._child,
        )
        args = self._args
        return private_stage(
            self._name,
            PrivateStageArgs(
                stage_name=STAGE,
                api_id=api.id,
                deployment_id=deployment.id,
                log_group=f"/plinth/{args.scope.role_prefix}/data-api",
                key_arn=args.scope.key_arn,
                log_retention_days=args.log_retention_days,
                requests_per_second=args.requests_per_second,
                burst=2 * args.requests_per_second,
            ),
            self,
        )
