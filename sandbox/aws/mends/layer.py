"""The mends as a layer above moto.

Each is loaded with the first call to its service, because some of moto's modules take a second.
"""

from __future__ import annotations

import functools
import importlib

from moto.core.exceptions import ServiceException, _RESTError

from sandbox.aws.call import AwsError, Call
from sandbox.aws.layer import Handler
from sandbox.aws.mends.mend import Exchange, Memory, Mends
from sandbox.aws.message import Answer

MODULES = {
    "account": ["account_names"],
    "apigateway": ["rest_apis"],
    "application-autoscaling": ["scaling"],
    "athena": ["athena"],
    "budgets": ["budgets"],
    "ce": ["cost_allocation_tags"],
    "cloudtrail": ["trails", "delegations"],
    "config": ["configuration"],
    "ec2": ["account_settings", "networks", "routes", "transit_gateways"],
    "emr-serverless": ["spark_applications"],
    "events": ["events"],
    "glue": ["glue_jobs"],
    "guardduty": ["detectors", "delegations"],
    "iam": ["iam", "root_management"],
    "identitystore": ["directory"],
    "inspector2": ["delegations"],
    "kms": ["keys"],
    "lakeformation": ["lake_locations", "lake_tags", "lake_grants"],
    "logs": ["log_groups"],
    "macie2": ["macie", "delegations"],
    "network-firewall": ["network_firewalls"],
    "organizations": ["organizations"],
    "pipes": ["pipes"],
    "ram": ["resource_shares"],
    "resourcegroupstaggingapi": ["tagged_resources"],
    "route53resolver": ["dns_firewalls"],
    "s3": ["buckets", "bucket_logging", "bucket_policies", "access_points"],
    "sagemaker": ["sagemaker", "feature_groups", "jobs", "monitoring", "models", "notebook_instances", "serving"],
    "sagemaker-featurestore-runtime": ["feature_records"],
    "securityhub": ["security_hub", "delegations"],
    "sns": ["topics"],
    "sqs": ["queues"],
    "ssm": ["service_settings"],
    "sso-admin": ["identity_center"],
}
"""By service. A module has ``MENDS``, and ``mend_moto`` where moto's own classes must change."""


class MendsLayer:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def answer(self, call: Call, below: Handler) -> Answer:
        mend = _mends(call.service).get(call.name)
        if mend is None:
            return below(call)
        try:
            return mend(Exchange(call, self._memory, below))
        except ServiceException as error:
            raise AwsError(error.code, error.message) from error
        except _RESTError as error:
            raise AwsError(error.error_type, error.message) from error


@functools.cache
def _mends(service: str) -> Mends:
    found: Mends = {}
    for name in MODULES.get(service, []):
        module = importlib.import_module(f"sandbox.aws.mends.{name}")
        if hasattr(module, "mend_moto"):
            module.mend_moto()
        found = {**found, **getattr(module, "MENDS", {})}
    return found
