"""Test cases of guardrails on networks."""

from __future__ import annotations

from tests.unit.components.guardrails.cases.requests import ANYBODY, EXCEPTIONS, FOUNDATION, PUBLIC, STILL, case, keys

CASES = [
    case("SCP07NoGateways", "ec2:CreateNatGateway", also=ANYBODY, passes=[{"action": "ec2:CreateSubnet"}]),
    case("SCP07NoOtherGateways", "ec2:CreateVpcPeeringConnection", passes=EXCEPTIONS),
    case("SCP07OnlyByTheFoundation", "ec2:CreateInternetGateway", passes=EXCEPTIONS),
    case(
        "SCP07KeepEndpoints",
        "ec2:DeleteVpcEndpoints",
        also=STILL,
        passes=[*FOUNDATION, {"action": "ec2:DescribeVpcEndpoints"}],
    ),
    case(
        "SCP07NoPublicAddresses",
        "ec2:RunInstances",
        on=PUBLIC,
        **keys(ec2__AssociatePublicIpAddress="true"),
        also=ANYBODY,
        passes=[
            keys(ec2__AssociatePublicIpAddress="false"),
            keys(),
            {"on": PUBLIC.replace("network-interface", "instance")},
        ],
    ),
    case("SCP16Lambda", "lambda:CreateFunction", passes=[*EXCEPTIONS, keys(lambda__VpcIds=["vpc-1"])]),
    case("SCP16Glue", "glue:CreateJob", passes=[*EXCEPTIONS, keys(glue__VpcIds=["vpc-1"])]),
    case("SCP16CodeBuild", "codebuild:CreateProject", passes=[*EXCEPTIONS, keys(codebuild__vpcConfig="vpc-1")]),
    case("SCP16CloudShell", "cloudshell:CreateEnvironment", passes=[*EXCEPTIONS, keys(cloudshell__VpcIds=["vpc-1"])]),
    case("SCP16NoRunbooks", "ssm:StartAutomationExecution", passes=[*EXCEPTIONS, {"action": "ssm:GetParameter"}]),
]
