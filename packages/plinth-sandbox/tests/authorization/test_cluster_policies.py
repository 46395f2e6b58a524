"""The policies that AWS manages for the role of a cluster in EKS Auto Mode, which judge its load balancers."""

import json

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from plinth_sandbox.emulator.authorization.documents import policy_of

POLICIES = (
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)


@pytest.mark.parametrize("name", POLICIES)
def test_the_evaluator_knows_every_condition_of_the_policy(name: str) -> None:
    policy = policy_of(name, json.loads(aws_managed_policies_data)[name]["Document"])
    assert policy is not None
    assert policy.statements
