"""An organization that was used before Plinth: made by hand, with services that AWS allows only once per account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.workbench import Workbench

CONFIG = "config.amazonaws.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class UsedOrganization:
    """Identifiers of what the management account had before."""

    detector: str
    recorder: str
    channel: str
    role_arn: str
    bucket: str
    """Name of the bucket of the delivery channel. Plinth leaves it."""

    @classmethod
    def create(cls, workbench: Workbench) -> UsedOrganization:
        """Makes the organization through AWS's API, and the settings adopt it by its id."""
        organizations: Any = workbench.client("organizations")
        organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
        for principal in ("ram.amazonaws.com", "sso.amazonaws.com", CONFIG):
            organizations.enable_aws_service_access(ServicePrincipal=principal)
        workbench.client("ram").enable_sharing_with_aws_organization()
        workbench.change_organization(id=organization["Id"])
        role = workbench.client("iam").create_service_linked_role(AWSServiceName=CONFIG)["Role"]
        bucket = cls._record(workbench, role["Arn"])
        workbench.client("securityhub").enable_security_hub()
        cls._attach_gateway_to_default_vpc(workbench)
        return cls(
            detector=workbench.client("guardduty").create_detector(Enable=True)["DetectorId"],
            recorder="default",
            channel="default",
            role_arn=role["Arn"],
            bucket=bucket,
        )

    @staticmethod
    def _record(workbench: Workbench, role_arn: str) -> str:
        bucket = "config-of-former-times"
        location = {"LocationConstraint": "eu-west-1"}
        workbench.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
        config: Any = workbench.client("config")
        config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role_arn})
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket})
        config.start_configuration_recorder(ConfigurationRecorderName="default")
        return bucket

    @staticmethod
    def _attach_gateway_to_default_vpc(workbench: Workbench) -> None:
        ec2: Any = workbench.client("ec2")
        default = [{"Name": "is-default", "Values": ["true"]}]
        (vpc,) = ec2.describe_vpcs(Filters=default)["Vpcs"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc["VpcId"])
