"""The emulator patches as a layer above moto.

Patches are imported with the first look into their service, because some of moto's modules take a second to import.
"""

from __future__ import annotations

import functools
import importlib

from moto.core.exceptions import ServiceException, _RESTError

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches

MODULES = {
    "account": ["organizations.account_names"],
    "apigateway": ["integration.rest_apis", "integration.usage_plans"],
    "application-autoscaling": ["sagemaker.scaling"],
    "athena": ["analytics.athena"],
    "budgets": ["organizations.budgets"],
    "ce": ["organizations.cost_allocation_tags", "organizations.cost_explorer"],
    "cloudformation": ["integration.templates"],
    "cloudtrail": ["security.trails", "organizations.delegations"],
    "config": ["security.configuration"],
    "dynamodb": ["databases.transactions"],
    "ec2": [
        "organizations.account_settings",
        "network.instances",
        "network.networks",
        "network.routes",
        "network.security_groups",
        "network.transit_gateways",
        "network.transit_routes",
    ],
    "eks": ["containers.clusters", "containers.access_entries", "containers.pod_identities"],
    "emr-serverless": ["analytics.spark_applications"],
    "events": ["integration.events"],
    "glue": ["analytics.glue_jobs"],
    "guardduty": ["security.detectors", "organizations.delegations"],
    "iam": ["identity.iam", "identity.root_management", "identity.token_issuers"],
    "identitystore": ["identity.directory"],
    "inspector2": ["organizations.delegations"],
    "kms": ["storage.keys"],
    "lakeformation": ["analytics.lake_locations", "analytics.lake_tags", "analytics.lake_grants"],
    "lambda": ["integration.functions"],
    "logs": ["security.log_groups"],
    "macie2": ["security.macie", "organizations.delegations"],
    "network-firewall": ["network.network_firewalls"],
    "oam": ["organizations.observability"],
    "organizations": ["organizations.organizations"],
    "pipes": ["integration.pipes"],
    "ram": ["organizations.resource_shares"],
    "rds": ["databases.groups", "databases.instances"],
    "resourcegroupstaggingapi": ["organizations.tagged_resources"],
    "route53resolver": ["network.dns_firewalls"],
    "s3": [
        "storage.buckets",
        "storage.bucket_logging",
        "storage.bucket_policies",
        "storage.access_points",
        "storage.object_events",
        "storage.bucket_replication",
    ],
    "sagemaker": [
        "sagemaker.studio",
        "sagemaker.studio_sign_in",
        "sagemaker.feature_groups",
        "sagemaker.pipelines",
        "sagemaker.monitoring",
        "sagemaker.models",
        "sagemaker.model_packages",
        "sagemaker.notebook_instances",
        "sagemaker.serving",
    ],
    "sagemaker-featurestore-runtime": ["sagemaker.feature_records"],
    "secretsmanager": ["security.secrets"],
    "securityhub": ["security.security_hub", "organizations.delegations"],
    "service-quotas": ["organizations.service_quotas"],
    "sns": ["integration.topics"],
    "sqs": ["integration.queues"],
    "ssm": ["organizations.service_settings"],
    "sts": ["identity.callers"],
    "sso-admin": ["identity.identity_center", "identity.applications"],
}
"""Modules by service. A module has ``PATCHES``, and ``patch_moto`` if moto's own classes must change."""


class PatchesLayer:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def answer(self, call: Call, below: Handler) -> Answer:
        patch = patches_of(call.service).get(call.name)
        if patch is None:
            return below(call)
        try:
            return patch(Exchange(call, self._memory, below))
        except ServiceException as error:
            raise AwsError(error.code, error.message) from error
        except _RESTError as error:
            raise AwsError(error.error_type, error.message) from error


@functools.cache
def patches_of(service: str) -> Patches:
    """Returns the patches of a service, and corrects moto's own classes.

    A backend must not exist before: other layers, and calls to other services, look into it too.
    """
    found: Patches = {}
    for name in MODULES.get(service, []):
        module = importlib.import_module(f"plinth_sandbox.emulator.patches.{name}")
        if hasattr(module, "patch_moto"):
            module.patch_moto()
        found = {**found, **getattr(module, "PATCHES", {})}
    return found
