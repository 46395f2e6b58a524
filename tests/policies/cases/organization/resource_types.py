"""Cases of policies/security/rules/organization/resource_types.py."""

from __future__ import annotations

from tests.policies.case import Case, Situation, but, stack_context

UNKNOWN_TYPES = (
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:cloudcontrol/resource:Resource",
    "aws:cloudformation/stack:Stack",
    "aws:cloudformation/stackSet:StackSet",
    "aws:cloudfront/distribution:Distribution",
    "aws:eks/fargateProfile:FargateProfile",
    "aws:elb/loadBalancer:LoadBalancer",
    "aws:kms/externalKey:ExternalKey",
    "aws:lambda/functionUrl:FunctionUrl",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:rds/globalCluster:GlobalCluster",
    "aws-native:s3:Bucket",
    "command:local:Command",
    "kubernetes:apps/v1:DeploymentPatch",
    "kubernetes:batch/v1:JobList",
    "kubernetes:helm.sh/v3:Release",
    "pulumi-python:dynamic:Resource",
)
"""Types that no rule knows, of AWS and of other providers."""
CASES = [
    Case(rule="OR-08", type="aws:sqs/queue:Queue", compliant=Situation(inputs={}), refused={}),
    *(
        Case(
            rule="OR-08",
            type=type_,
            compliant=Situation(inputs={}, context=stack_context(admitted_types=(type_,))),
            refused={
                "is not admitted": but(admitted_types=()),
                "is not admitted by the name of another type": but(admitted_types=(f"{type_}s", type_[:-1])),
            },
        )
        for type_ in UNKNOWN_TYPES
    ),
    Case(
        rule="OR-08",
        type="plinth:storage:PrivateBucket",
        compliant=Situation(inputs={}, provider_name=None),
        refused={"is no component, but a resource of a provider": but(provider_name="plinth")},
    ),
    Case(
        rule="OR-08",
        type="aws:lambda/functionUrl:FunctionUrl",
        compliant=Situation(inputs={}, context=stack_context(admitted_types=("aws:lambda/functionUrl:FunctionUrl",))),
        refused={"has no provider": but(provider_name=None, admitted_types=())},
    ),
]
