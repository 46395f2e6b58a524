"""EC2 and CodeBuild: what a network refers to, and subnets and security groups of another VPC.

Sources: EC2 API, "Error codes", CreateVpcEndpoint and CreateSecurityGroup; CodeBuild User Guide, "Use CodeBuild with
Amazon Virtual Private Cloud" (read 2026-11-29). CodeBuild documents no wording.
"""

from __future__ import annotations

from functools import partial

from plinth_sandbox.emulator.preconditions.references import kinds
from plinth_sandbox.emulator.preconditions.references.reference import Reference, References, Refusal

_VPC = Reference("VpcId", kinds.vpc, Refusal("InvalidVpcID.NotFound", "The vpc ID '{name}' does not exist"))


def _of_endpoint(adding: str = "") -> tuple[Reference, ...]:
    """Returns the references of an endpoint. Members of a change have the prefix ``Add``."""
    other = {kinds.FOREIGN: Refusal("InvalidParameter", "{name} is not in the VPC of the endpoint")}
    subnet = Refusal("InvalidSubnetID.NotFound", "The subnet ID '{name}' does not exist")
    group = Refusal("InvalidGroup.NotFound", "The security group '{name}' does not exist")
    return (
        Reference(f"{adding}SecurityGroupIds[]", kinds.security_group, group, other),
        Reference(f"{adding}SubnetIds[]", kinds.subnet, subnet, other),
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
    ("ec2", "CreateVpcEndpoint"): (_VPC, *_of_endpoint()),
    ("ec2", "ModifyVpcEndpoint"): _of_endpoint("Add"),
    ("codebuild", "CreateProject"): _PROJECT,
    ("codebuild", "UpdateProject"): _PROJECT,
}
