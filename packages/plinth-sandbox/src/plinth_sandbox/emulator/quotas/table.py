"""The quotas that the sandbox knows, with the values that AWS gives a new account.

Sources: AWS General Reference, endpoints and quotas of VPC, EC2, IAM, S3, Network Firewall, EventBridge and SageMaker
AI; CloudTrail User Guide, "Quotas"; Organizations User Guide, "Quotas and service limits" (read 2026-11-26). moto has
the table of VPC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.servicequotas.resources.default_quotas.vpc import VPC_DEFAULT_QUOTAS

GLOBAL = "us-east-1"
"""Region in which Service Quotas has the quotas of global services."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """A quota of an account."""

    service: str
    code: str
    name: str
    default: int
    """Value that AWS gives a new account."""
    granted: int | None = None
    """Value in the sandbox without a request, if AWS has granted its organization an increase."""
    adjustable: bool = True
    region: str | None = None
    """The only region that has the quota; None if each region has one of its own."""

    @property
    def service_name(self) -> str:
        return _SERVICES[self.service]

    @property
    def value(self) -> int:
        return self.default if self.granted is None else self.granted


_SERVICES: Mapping[str, str] = {
    "cloudtrail": "AWS CloudTrail",
    "ec2": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "events": "Amazon EventBridge (CloudWatch Events)",
    "iam": "AWS Identity and Access Management (IAM)",
    "network-firewall": "AWS Network Firewall",
    "organizations": "AWS Organizations",
    "s3": "Amazon Simple Storage Service (Amazon S3)",
    "sagemaker": "Amazon SageMaker",
    "vpc": "Amazon Virtual Private Cloud (Amazon VPC)",
}

ACCOUNTS = Quota(
    service="organizations",
    code="L-E619E033",
    name="Default maximum number of accounts",
    default=10,
    granted=100,
    region=GLOBAL,
)


def _quota(service: str, code: str, name: str, default: int, *, region: str | None = None) -> Quota:
    return Quota(service=service, code=code, name=name, default=default, region=region)


def _instances(code: str, name: str, *, granted: int | None = None) -> Quota:
    """Returns a quota of SageMaker instances. AWS gives many new accounts none, and grants some on request."""
    return Quota(service="sagemaker", code=code, name=name, default=0, granted=granted)


QUOTAS: tuple[Quota, ...] = (
    ACCOUNTS,
    *(
        Quota(
            service="vpc",
            code=default_quota["QuotaCode"],
            name=default_quota["QuotaName"],
            default=int(default_quota["Value"]),
            adjustable=default_quota["Adjustable"],
        )
        for default_quota in VPC_DEFAULT_QUOTAS
    ),
    _quota("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5),
    _quota("events", "L-244521F2", "Number of rules", 300),
    _quota("iam", "L-FE177D64", "Roles per account", 1_000, region=GLOBAL),
    _quota("iam", "L-E95E4862", "Customer managed policies per account", 1_500, region=GLOBAL),
    _quota("network-firewall", "L-DE163D32", "Firewalls", 5),
    _quota("network-firewall", "L-0814492B", "Firewall policies", 20),
    _quota("network-firewall", "L-2D7A0EE2", "Stateful rulegroups", 50),
    _quota("network-firewall", "L-EAE8E19E", "Stateless rulegroups", 50),
    _quota("s3", "L-DC2B2D3D", "General purpose buckets", 10_000, region=GLOBAL),
    _quota("sagemaker", "L-B683BCB0", "Total domains", 5),
    _instances("L-611FA074", "ml.m5.large for training job usage", granted=30),
    _instances("L-3F53BF0F", "ml.g4dn.xlarge for training job usage"),
    _instances("L-B6D80D9C", "ml.g5.xlarge for training job usage"),
    _instances("L-82E1C851", "ml.p5.48xlarge for training job usage"),
    _instances("L-41C11899", "ml.g4dn.2xlarge for processing job usage"),
    _instances("L-236AE59F", "ml.m5.large for transform job usage", granted=16),
    _instances("L-4C5C5CA8", "ml.g4dn.xlarge for transform job usage"),
    _instances("L-2F737F8D", "ml.m5.xlarge for endpoint usage", granted=16),
    _instances("L-1928E07B", "ml.g5.xlarge for endpoint usage"),
    _instances("L-39F81BFB", "Studio JupyterLab Apps running on ml.g4dn.xlarge instances", granted=4),
    _instances("L-138F29A9", "Studio JupyterLab Apps running on ml.g4dn.2xlarge instances"),
    _instances("L-199FCA12", "Studio JupyterLab Apps running on ml.p3.2xlarge instances"),
    _instances("L-8C616CCB", "Studio CodeEditor Apps running on ml.g5.xlarge instances"),
)
BY_CODE: Mapping[str, Quota] = {quota.code: quota for quota in QUOTAS}
BY_NAME: Mapping[tuple[str, str], Quota] = {(quota.service, quota.name): quota for quota in QUOTAS}
TRAILS_PER_REGION = 5
"""Trails that an account may have in a region. Service Quotas does not have this quota."""


def applied(notes: Mapping[str, Any], quota: Quota) -> int:
    """Returns the value of a quota. ``notes`` are the granted increases of the account and region, by code."""
    return int(notes.get(quota.code, quota.value))
