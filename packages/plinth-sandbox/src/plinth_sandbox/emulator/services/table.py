"""The modules that answer for each service. Add a new one here."""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules of a service, relative to the folder of all services. They are imported with its first call, because
    some of moto's modules take a second to import."""

    patches: tuple[str, ...] = ()
    """Modules with ``PATCHES``, and with ``patch_moto`` if moto's own classes must change."""
    executor: tuple[str, ...] = ()
    """At most one module, with ``OPERATIONS``, and with ``record_outcome`` if they start runs."""
    checks: tuple[str, ...] = ()
    """Modules with ``CHECKS``, by service and operation."""


SERVICES = {
    "account": Modules(patches=("account.patches",)),
    "apigateway": Modules(
        patches=("apigateway.patches.rest_apis", "apigateway.patches.usage_plans"),
        executor=("apigateway.executor.operations",),
    ),
    "application-autoscaling": Modules(
        patches=("application_autoscaling.patches",), executor=("application_autoscaling.executor",)
    ),
    "athena": Modules(patches=("athena.patches",), executor=("athena.executor.queries",)),
    "budgets": Modules(patches=("budgets.patches",)),
    "ce": Modules(patches=("ce.patches.cost_allocation_tags", "ce.patches.cost_explorer")),
    "cloudformation": Modules(patches=("cloudformation.patches",)),
    "cloudtrail": Modules(
        patches=("cloudtrail.patches", "organizations.patches.delegations"), checks=("cloudtrail.checks",)
    ),
    "cloudwatch": Modules(executor=("cloudwatch.executor.operations",)),
    "codeartifact": Modules(executor=("codeartifact.executor.operations",)),
    "codebuild": Modules(executor=("codebuild.executor.operations",)),
    "codecommit": Modules(executor=("codecommit.executor.operations",)),
    "codeconnections": Modules(executor=("codeconnections.executor.operations",)),
    "codepipeline": Modules(executor=("codepipeline.executor.operations",)),
    "config": Modules(patches=("config.patches",)),
    "dynamodb": Modules(patches=("dynamodb.patches",)),
    "ec2": Modules(
        patches=(
            "ec2.patches.account_settings",
            "ec2.patches.endpoint_connections",
            "ec2.patches.endpoint_services",
            "ec2.patches.endpoints",
            "ec2.patches.flow_logs",
            "ec2.patches.instances",
            "ec2.patches.private_dns_names",
            "ec2.patches.routes",
            "ec2.patches.security_groups",
            "ec2.patches.transit_gateways",
            "ec2.patches.transit_routes",
        ),
        checks=("ec2.checks.endpoints", "ec2.checks.networks"),
    ),
    "ecr": Modules(patches=("ecr.patches",), executor=("ecr.executor.scans",), checks=("ecr.checks",)),
    "eks": Modules(
        patches=("eks.patches.clusters", "eks.patches.access_entries", "eks.patches.pod_identities"),
        executor=("eks.executor.operations",),
    ),
    "eks-auth": Modules(executor=("eks.executor.auth_operations",)),
    "elbv2": Modules(patches=("elbv2.patches",), executor=("elbv2.executor.operations",)),
    "emr-serverless": Modules(patches=("emr_serverless.patches",)),
    "events": Modules(patches=("events.patches",), checks=("events.checks.schedules",)),
    "glue": Modules(patches=("glue.patches",), executor=("glue.executor.jobs",), checks=("events.checks.schedules",)),
    "guardduty": Modules(patches=("guardduty.patches", "organizations.patches.delegations")),
    "iam": Modules(
        patches=("iam.patches.iam", "iam.patches.root_management", "iam.patches.token_issuers"), checks=("iam.checks",)
    ),
    "identitystore": Modules(patches=("identity_center.patches.directory",)),
    "inspector2": Modules(patches=("organizations.patches.delegations",)),
    "kms": Modules(patches=("kms.patches",), checks=("kms.checks",)),
    "lakeformation": Modules(
        patches=(
            "lakeformation.patches.locations",
            "lakeformation.patches.tags",
            "lakeformation.patches.grants",
        )
    ),
    "lambda": Modules(
        patches=("awslambda.patches",), executor=("awslambda.executor.operations",), checks=("awslambda.checks",)
    ),
    "logs": Modules(patches=("logs.patches",)),
    "macie2": Modules(patches=("macie2.patches", "organizations.patches.delegations")),
    "network-firewall": Modules(patches=("network_firewall.patches",)),
    "oam": Modules(patches=("oam.patches.observability",)),
    "organizations": Modules(patches=("organizations.patches.organizations",), checks=("organizations.checks",)),
    "pipes": Modules(patches=("pipes.patches",)),
    "ram": Modules(patches=("ram.patches",)),
    "rds": Modules(
        patches=(
            "rds.patches.groups",
            "rds.patches.parameter_groups",
            "rds.patches.instances",
            "rds.patches.restores",
            "rds.patches.clusters",
        ),
        executor=("rds.executor.operations",),
    ),
    "resourcegroupstaggingapi": Modules(patches=("resourcegroupstaggingapi.patches",)),
    "route53resolver": Modules(patches=("route53resolver.patches",)),
    "s3": Modules(
        patches=(
            "s3.patches.buckets",
            "s3.patches.bucket_logging",
            "s3.patches.bucket_policies",
            "s3.patches.access_points",
            "s3.patches.object_events",
            "s3.patches.bucket_replication",
        ),
        checks=("s3.checks.buckets", "s3.checks.lifecycles", "s3.checks.notifications", "s3.checks.replications"),
    ),
    "sagemaker": Modules(
        patches=(
            "sagemaker.patches.studio",
            "sagemaker.patches.studio_sign_in",
            "sagemaker.patches.feature_groups",
            "sagemaker.patches.pipelines",
            "sagemaker.patches.monitoring",
            "sagemaker.patches.models",
            "sagemaker.patches.model_packages",
            "sagemaker.patches.notebook_instances",
            "sagemaker.patches.serving",
        ),
        executor=("sagemaker.executor.operations",),
        checks=("events.checks.schedules", "sagemaker.checks"),
    ),
    "sagemaker-featurestore-runtime": Modules(patches=("sagemaker.patches.feature_records",)),
    "sagemaker-runtime": Modules(executor=("sagemaker.endpoints.runtime_operations",)),
    "scheduler": Modules(checks=("events.checks.schedules",)),
    "secretsmanager": Modules(patches=("secretsmanager.patches",)),
    "securityhub": Modules(patches=("securityhub.patches", "organizations.patches.delegations")),
    "service-quotas": Modules(patches=("service_quotas.patches",)),
    "sns": Modules(patches=("sns.patches",), checks=("sns.checks",)),
    "sqs": Modules(patches=("sqs.patches",), executor=("sqs.executor",)),
    "ssm": Modules(patches=("ssm.patches",)),
    "sso": Modules(executor=("identity_center.executor.portal_operations",)),
    "sso-admin": Modules(
        patches=("identity_center.patches.permission_sets", "identity_center.patches.applications"),
        checks=("identity_center.checks",),
    ),
    "sso-oidc": Modules(executor=("identity_center.executor.oidc_operations",)),
    "stepfunctions": Modules(checks=("stepfunctions.checks",)),
    "sts": Modules(patches=("sts.patches",), executor=("sts.executor.web_identities",)),
}


@functools.cache
def modules_of(service: str, kind: str) -> tuple[ModuleType, ...]:
    """Imports the modules of one kind of a service: ``patches``, ``executor`` or ``checks``."""
    names: tuple[str, ...] = getattr(SERVICES.get(service, Modules()), kind)
    return tuple(importlib.import_module(f"{__package__}.{name}") for name in names)
