"""The names of AWS's endpoint services."""

from __future__ import annotations

import re

from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES

_NEWER = frozenset(
    {
        "apigateway", "codeconnections.api", "guardduty", "network-firewall", "oam", "ram", "s3tables",
        "sagemaker.partner-app",
    }
)  # fmt: skip
"""Services that moto's list does not contain yet: PrivateLink Guide, "AWS services that integrate with AWS PrivateLink"
(read 2026-11-28). ``apigateway`` is the API that manages APIs."""

_OF_SAGEMAKER = frozenset({"experiments", "notebook", "studio"})
"""Services named ``aws.sagemaker.<region>.<name>``: SageMaker Developer Guide, "Connect to SageMaker Studio and MLflow
through interface VPC endpoints" (read 2026-11-21)."""

_NAME = re.compile(r"(com\.amazonaws|aws\.sagemaker)\.([a-z]{2}(?:-[a-z]+)+-\d)\.(.+)")
_GLOBAL = frozenset({"com.amazonaws.s3-global.accesspoint"})


def is_endpoint_service(name: str, region: str) -> bool:
    """Returns whether AWS offers an endpoint service in a region. All regions count as offering the same ones."""
    matched = _NAME.fullmatch(name)
    if matched is None:
        return name in _GLOBAL
    namespace, named_region, service = matched.groups()
    if named_region != region:
        return False
    return service in (_OF_SAGEMAKER if namespace == "aws.sagemaker" else {*AWS_ENDPOINT_SERVICES, *_NEWER})
