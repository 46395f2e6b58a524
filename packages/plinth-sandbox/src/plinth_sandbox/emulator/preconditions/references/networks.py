"""EC2 and CodeBuild: what a network refers to, and subnets and security groups of another VPC.

Sources: EC2 API, "Error codes", CreateVpcEndpoint and CreateSecurityGroup; CodeBuild User Guide, "Use CodeBuild with
Amazon Virtual Private Cloud" (read 2026-11-29). CodeBuild documents no wording.
"""

from __future__ import annotations

from functools import partial

from plinth_sandbox.emulator.preconditions.references import kinds
from plinth_sandbox.emulator.preconditions.references.reference import Reference, References, Refusal

_VPC = Reference("VpcId", kinds.vpc, Refusal("InvalidVpcID.NotFound", "The vpc ID '{name}' does not exist"))
_ELSEWHERE = Refusal("InvalidParameter", "{name} is not in the VPC of the endpoint")
_ENDPOINT = (
    _VPC,
    Reference(
        "SubnetIds[]",
        kinds.subnet,
        Refusal("InvalidSubnetID.NotFound", "The subnet ID '{name}' does not exist"),
        {kinds.FOREIGN: _ELSEWHERE},
    ),
    Reference(
        "SecurityGroupIds[]",
        kinds.security_group,
        Refusal("InvalidGroup.NotFound", "The security group '{name}' does not exist"),
        {kinds.FOREIGN: _ELSEWHERE},
    ),
)
_BUILDS = "vpcConfig.vpcId"
_INVALID = "InvalidInputException"
_PROJECT = (
    Reference(_BUILDS, kinds.vpc, Refusal(_INVALID, "Invalid vpc config: the VPC {name} does not exist")),
    Reference(
        "vpcConfig.subnets[]",
        partial(kinds.subnet, vpc=_BUILDS),
        Refusal(_INVALID, "Invalid vpc config: the subnet {name} is not in the VPC"),
    ),
    Reference(
        "vpcConfig.securityGroupIds[]",
        partial(kinds.security_group, vpc=_BUILDS),
        Refusal(_INVALID, "Invalid vpc config: the security group {name} is not in the VPC"),
    ),
)

REFERENCES: References = {
    ("ec2", "CreateSecurityGroup"): (_VPC,),
    ("ec2", "CreateVpcEndpoint"): _ENDPOINT,
    ("codebuild", "CreateProject"): _PROJECT,
    ("codebuild", "UpdateProject"): _PROJECT,
}
