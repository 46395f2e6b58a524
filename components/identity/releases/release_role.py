"""The role that releases a use case to pre-production or production."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.arns import arn_of
from components.identity.iam.principals import role_trust
from components.identity.iam.statements import Statement
from components.identity.releases.batch_release import TESTED, release_pipelines, release_rules, run_test_batches
from components.identity.releases.event_predictions import change_rules, test_predictions
from components.identity.use_cases.use_case import RoleOfUseCase, use_key, within_organization
from components.identity.use_cases.use_case_role import ReleasedRole
from components.identity.workloads.workload_permissions import EVERYTHING, encrypt_volumes
from settings.derived.use_case_names import MAIN
from settings.types.kinds import API_KINDS, InferenceKind

RELEASE_ACTIONS = (
    "apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT",
    "apigateway:UpdateRestApiPolicy",
    "application-autoscaling:*agResource", "application-autoscaling:DeleteScalingPolicy",
    "application-autoscaling:DeregisterScalableTarget", "application-autoscaling:Describe*",
    "application-autoscaling:List*",
    "application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget",
    "cloudwatch:*agResource", "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard",
    "cloudwatch:PutMetricAlarm",
    "lambda:*Permission", "lambda:*agResource", "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:Get*",
    "lambda:List*", "lambda:UpdateFunctionCo*",
    "events:*Rule", "events:*Targets", "events:*agResource", "events:ListTagsForResource",
    "sqs:DeleteMessage",
    "logs:*agResource", "logs:ListTags*", "logs:AssociateKmsKey", "logs:DeleteLogGroup", "logs:PutRetentionPolicy",
)  # fmt: skip
"""Actions that releases require in addition to those of workloads and of APIs. IAM has no wildcard here that covers
layers, URLs of functions or event sources."""
RELEASE_SERVICE = "lambda"
"""Service to which releases pass the role of a function."""
_APIS = ("apikeys", "restapis", "usageplans")
"""Collections of API Gateway whose members have ids that AWS assigns."""
_SUBNETS = ("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs")
"""Actions that Lambda requires of whoever puts a function into a network (Lambda Developer Guide, "Giving Lambda
functions access to resources in an Amazon VPC")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRole(ReleasedRole):
    """The only role that changes deployed models of a use case. Only the promotion pipeline may assume it (PRE-04,
    PROD-01): the role of the program of this environment deploys and tests, and the promotion reads what is served.

    It creates models of registered versions in the network. With an endpoint, it creates endpoints encrypted with the
    environment's key, their scaling, the alarms that roll an endpoint back (RB-03), the function and the API in front
    of the endpoint, their logs and a dashboard, and the function and the rule that start comparisons of its requests.
    With batch inference, it creates the pipeline, the function that starts runs and its rule, and in pre-production
    runs test inputs. It reads the registry, but neither registers nor approves models, and it creates no roles.

    API Gateway assigns the ids of APIs, so the role changes APIs, API keys and usage plans by the tags of its use case
    and environment.
    """

    FORMER_COMPONENT: ClassVar = "plinth:identity:ReleaseRole"

    tooling_account_id: pulumi.Input[str]
    """Id of the account of the registry and the promotion pipeline."""

    organization_id: pulumi.Input[str]
    """Id of the organization of both accounts."""

    inference: Sequence[InferenceKind] = ("real-time",)
    """How the released models predict."""

    predicts_on_events: bool = False
    """Whether releases have rules by which events ask for predictions."""

    def role_name(self) -> str:
        return self.use_case.role_name("release", self.environment)

    def description(self) -> str:
        return f"Releases of {self.use_case.prefix} to {self.environment}"

    def trust(self) -> Statement:
        return role_trust(
            account_id=self.tooling_account_id,
            organization_id=self.organization_id,
            role_arns=[
                self.use_case.role_arn(role, self.tooling_account_id)
                for role in ("promotion", self.use_case.release_program(self.environment))
            ],
        )

    def permissions(self) -> Sequence[Statement]:
        real_time = [*self._endpoints(), *self._apis()] if self._has_api() else []
        batch = self._batches() if self._has_batches() else []
        return [
            *self._models(),
            *real_time,
            *batch,
            *self._rules(),
            *self._functions(),
            *self._passed_roles(),
            *self._observation(),
        ]

    def _has_api(self) -> bool:
        return bool(API_KINDS & set(self.inference))

    def _has_batches(self) -> bool:
        return "batch" in self.inference

    def _has_monitor(self) -> bool:
        """Whether requests are captured, and compared with the baseline."""
        return "real-time" in self.inference

    def _batches(self) -> list[Statement]:
        case, environment = self.use_case, self.environment
        tests = run_test_batches(case, self.account_id, self.bucket_arn, self.key_arn) if environment == TESTED else []
        return [release_pipelines(case, environment, self.account_id), *tests]

    def _rules(self) -> list[Statement]:
        """Allows changing rules. Those of batches, monitors and events have the same names, so one set of statements is
        enough: the inline policies of a role have little room (:mod:`settings.types.aws.document_limits`)."""
        case, environment = self.use_case, self.environment
        if not self.predicts_on_events:
            starts = self._has_batches() or self._has_monitor()
            return release_rules(case, environment, self.account_id) if starts else []
        tests = test_predictions(case, environment, self.account_id) if environment == TESTED else []
        # Tests of batches already use the key.
        decrypts = environment == TESTED and not self._has_batches()
        decrypt = [use_key(self.key_arn, "ReadEncryptedAnswers")] if decrypts else []
        return [*change_rules(case, environment, self.account_id), *tests, *decrypt]

    def _passed_roles(self) -> list[Statement]:
        batches = self._has_batches()
        models: list[RoleOfUseCase] = ["serving", "pipeline"] if batches else ["serving"]
        functions: list[RoleOfUseCase] = ["predict"] if self._has_api() else []
        functions += ["start-batch"] if batches else []
        functions += ["start-monitor"] if self._has_monitor() else []
        passed = [self._pass_roles("GiveModelsTheirRole", "sagemaker", self.environment, *models)]
        if functions:
            passed.append(self._pass_roles("GiveFunctionsTheirRole", RELEASE_SERVICE, self.environment, *functions))
        return passed

    def _models(self) -> list[Statement]:
        case, environment = self.use_case, self.environment
        models = case.arns_in(environment, "sagemaker", self.account_id, "model/")
        registered = [
            case.arn("sagemaker", self.tooling_account_id, f"{kind}/{case.names.model_group(MAIN)}{rest}")
            for kind, rest in (("model-package", "/*"), ("model-package-group", ""))
        ]
        return [
            within_organization(
                Statement(
                    sid="ReadTheRegistry",
                    actions=[
                        "sagemaker:DescribeModelPackage",
                        "sagemaker:DescribeModelPackageGroup",
                        "sagemaker:ListModelPackages",
                    ],
                    resources=registered,
                ),
                self.organization_id,
            ),
            within_organization(
                Statement(
                    sid="MakeModelsInTheNetwork",
                    actions=["sagemaker:CreateModel"],
                    # A version of another account is named too (SageMaker Developer Guide, "Deploy a model version
                    # from a different account", read 2026-11-20).
                    resources=[*models, registered[0]],
                    conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
                ),
                self.organization_id,
            ),
            Statement(
                sid="ChangeModels",
                actions=[
                    "sagemaker:AddTags",
                    "sagemaker:DeleteModel",
                    "sagemaker:DeleteTags",
                    "sagemaker:DescribeModel",
                    "sagemaker:ListTags",
                ],
                resources=models,
            ),
        ]

    def _endpoints(self) -> list[Statement]:
        case, environment = self.use_case, self.environment
        served = case.arns_in(environment, "sagemaker", self.account_id, "endpoint/", "endpoint-config/")
        return [
            Statement(
                sid="EncryptWhatEndpointsKeep",
                actions=["sagemaker:CreateEndpointConfig"],
                resources=case.arns_in(environment, "sagemaker", self.account_id, "endpoint-config/"),
                conditions={"ArnEquals": {"sagemaker:VolumeKmsKey": self.key_arn}},
            ),
            Statement(
                sid="Serve",
                actions=[
                    "sagemaker:AddTags",
                    "sagemaker:CreateEndpoint",
                    "sagemaker:DeleteEndpoint",
                    "sagemaker:DeleteEndpointConfig",
                    "sagemaker:DeleteTags",
                    "sagemaker:DescribeEndpoint",
                    "sagemaker:DescribeEndpointConfig",
                    "sagemaker:ListTags",
                    "sagemaker:UpdateEndpoint",
                    "sagemaker:UpdateEndpointWeightsAndCapacities",
                ],
                resources=served,
            ),
            Statement(
                sid="TryWhatIsServed",
                actions=["sagemaker:InvokeEndpoint"],
                resources=case.arns_in(environment, "sagemaker", self.account_id, "endpoint/"),
            ),
            Statement(
                sid="Scale",
                actions=[
                    "application-autoscaling:DeleteScalingPolicy",
                    "application-autoscaling:DeregisterScalableTarget",
                    "application-autoscaling:ListTagsForResource",
                    "application-autoscaling:PutScalingPolicy",
                    "application-autoscaling:RegisterScalableTarget",
                    "application-autoscaling:TagResource",
                    "application-autoscaling:UntagResource",
                ],
                # The id of a scalable target is assigned. Scaling an endpoint also requires its permissions above.
                resources=[case.arn("application-autoscaling", self.account_id, "scalable-target/*")],
            ),
            encrypt_volumes(self.key_arn, "EncryptVolumes"),
        ]

    def _functions(self) -> list[Statement]:
        case, environment = self.use_case, self.environment
        return [
            Statement(
                sid="ChangeFunctions",
                actions=[
                    "lambda:AddPermission",
                    "lambda:CreateFunction",
                    "lambda:DeleteFunction",
                    "lambda:GetFunction",
                    "lambda:GetFunctionCodeSigningConfig",
                    "lambda:GetFunctionConfiguration",
                    "lambda:GetPolicy",
                    "lambda:ListTags",
                    "lambda:List*",
                    "lambda:RemovePermission",
                    "lambda:TagResource",
                    "lambda:UntagResource",
                    "lambda:UpdateFunctionCode",
                    "lambda:UpdateFunctionConfiguration",
                ],
                resources=case.arns_in(environment, "lambda", self.account_id, "function:"),
            ),
        ]

    def _apis(self) -> list[Statement]:
        region = self.use_case.region
        own = {"plinth:use-case": self.use_case.name, "plinth:environment": self.environment}
        existing = {f"aws:ResourceTag/{name}": value for name, value in own.items()}
        requested = {f"aws:RequestTag/{name}": value for name, value in own.items()}

        def at(*paths: str) -> list[str]:
            return [f"arn:aws:apigateway:{region}::/{path}" for path in paths]

        return [
            Statement(
                sid="CreateApis",
                actions=["apigateway:POST"],
                resources=at(*_APIS),
                conditions={"StringEquals": requested},
            ),
            # What belongs to an API or a usage plan has its tags in this condition (API Gateway Developer Guide, "API
            # Gateway resources that can be tagged").
            Statement(
                sid="ChangeApis",
                actions=[action for action in RELEASE_ACTIONS if action.startswith("apigateway:")],
                resources=at(*(f"{kind}/*" for kind in _APIS)),
                conditions={"StringEquals": existing},
            ),
            Statement(
                sid="TagApis",
                actions=["apigateway:DELETE", "apigateway:GET", "apigateway:PUT"],
                resources=at("tags/*"),
                conditions={"StringEqualsIfExists": {**existing, **requested}},
            ),
            Statement(
                sid="TryTheApi",
                actions=["execute-api:Invoke"],
                resources=[self.use_case.arn("execute-api", self.account_id, "*")],
                conditions={"Null": {"aws:SourceVpce": "false"}},
            ),
        ]

    def _observation(self) -> list[Statement]:
        case, environment = self.use_case, self.environment
        prefix = case.prefix_in(environment)
        groups = [f"/aws/lambda/{prefix}", f"/aws/sagemaker/Endpoints/{prefix}", f"/plinth/{prefix}"]
        return [
            Statement(
                sid="RollBackByAlarms",
                actions=[
                    "cloudwatch:DeleteAlarms",
                    "cloudwatch:DescribeAlarmHistory",
                    "cloudwatch:DescribeAlarms",
                    "cloudwatch:ListTagsForResource",
                    "cloudwatch:PutMetricAlarm",
                    "cloudwatch:TagResource",
                    "cloudwatch:UntagResource",
                ],
                resources=[
                    *case.arns_in(environment, "cloudwatch", self.account_id, "alarm:"),
                    # Application Auto Scaling creates the alarms of a policy for the caller.
                    case.arn("cloudwatch", self.account_id, f"alarm:TargetTracking-endpoint/{prefix}*"),
                ],
            ),
            Statement(
                sid="ShowDashboards",
                actions=["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"],
                resources=[arn_of("cloudwatch", "", self.account_id, f"dashboard/{prefix}*")],
            ),
            Statement(
                sid="KeepLogs",
                actions=[
                    "logs:AssociateKmsKey",
                    "logs:CreateLogGroup",
                    "logs:DeleteLogGroup",
                    "logs:ListTagsForResource",
                    "logs:PutRetentionPolicy",
                    "logs:TagResource",
                    "logs:UntagResource",
                ],
                resources=[case.arn("logs", self.account_id, f"log-group:{group}*") for group in groups],
            ),
            Statement(
                sid="SeeLists",
                actions=[
                    "application-autoscaling:DescribeScalableTargets",
                    "application-autoscaling:DescribeScalingPolicies",
                    "cloudwatch:GetMetricData",
                    "cloudwatch:ListMetrics",
                    "logs:DescribeLogGroups",
                    *_SUBNETS,
                ],
                resources=EVERYTHING,
            ),
        ]
