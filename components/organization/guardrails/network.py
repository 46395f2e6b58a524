"""Guardrails on the network: gateways, public addresses, endpoints, and compute outside a VPC."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import NOT_BY_EXCEPTION, NOT_BY_FOUNDATION

NETWORK_BYPASSES = (
    "directconnect:Create*", "ec2:AcceptVpcPeeringConnection", "ec2:CreateCarrierGateway",
    "ec2:CreateClientVpnEndpoint", "ec2:CreateDefaultSubnet", "ec2:CreateDefaultVpc",
    "ec2:CreateEgressOnlyInternetGateway", "ec2:CreateTransitGatewayPeeringAttachment",
    "ec2:CreateVpcEndpointServiceConfiguration", "ec2:CreateVpcPeeringConnection", "ec2:CreateVpnConnection",
    "globalaccelerator:Create*", "globalaccelerator:Update*",
)  # fmt: skip
INTERNET_ACCESS = (
    "ec2:AllocateAddress", "ec2:AssociateAddress", "ec2:AttachInternetGateway", "ec2:CreateInternetGateway",
    "ec2:CreateNatGateway",
)  # fmt: skip


def deny_gateways() -> list[Statement]:
    """Builds SCP-07 for production units and the data lake: denies gateways of every kind to all principals."""
    return [deny("SCP07NoGateways", [*NETWORK_BYPASSES, *INTERNET_ACCESS])]


def gateways_by_foundation_only() -> list[Statement]:
    """Builds SCP-07 for the other units: only the foundation may create an internet gateway, if its settings ask for
    it."""
    return [
        deny("SCP07NoOtherGateways", NETWORK_BYPASSES, NOT_BY_EXCEPTION),
        deny("SCP07OnlyByTheFoundation", INTERNET_ACCESS, NOT_BY_EXCEPTION),
    ]


def protect_network() -> list[Statement]:
    """Builds SCP-07 for all units: only the foundation manages endpoints, and instances get no public address."""
    return [
        deny(
            "SCP07KeepEndpoints",
            ["ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"],
            NOT_BY_FOUNDATION,
        ),
        deny(
            "SCP07NoPublicAddresses",
            ["ec2:RunInstances"],
            {"Bool": {"ec2:AssociatePublicIpAddress": "true"}},
            resources=["arn:aws:ec2:*:*:network-interface/*"],
        ),
    ]


def require_vpc() -> list[Statement]:
    """Builds SCP-16: functions, jobs, builds and shells run only in the organization's VPCs; automation runbooks are
    denied."""
    return [
        _needs("lambda:VpcIds", "SCP16Lambda", "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"),
        _needs("glue:VpcIds", "SCP16Glue", "glue:CreateJob", "glue:UpdateJob"),
        _needs("codebuild:vpcConfig", "SCP16CodeBuild", "codebuild:CreateProject", "codebuild:UpdateProject"),
        _needs("cloudshell:VpcIds", "SCP16CloudShell", "cloudshell:CreateEnvironment"),
        deny(
            "SCP16NoRunbooks",
            ["ssm:StartAutomationExecution", "ssm:StartChangeRequestExecution"],
            NOT_BY_EXCEPTION,
        ),
    ]


def _needs(key: str, sid: str, *actions: str) -> Statement:
    """Denies requests without a VPC configuration, because they would run outside the network.

    After AWS's example "restrict_nonvpc_deployment_scp".
    """
    return deny(sid, actions, NOT_BY_EXCEPTION, {"Null": {key: "true"}})
