import json

import pytest

from components.cluster.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.identity.iam.statements import Statement
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, REGION

CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/plinth-tooling"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/plinth/tooling-boundary"
ROLE = "aws:iam/role:Role"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"


def workload(**changes):
    args = {
        "cluster_name": "plinth-tooling",
        "cluster_arn": CLUSTER,
        "account_id": ACCOUNT,
        "namespace": "tracking",
        "service_account": "server",
        "role_name": "tooling-tracking",
        "description": "The experiment server reads its artifacts",
        "permissions": [Statement(sid="Read", actions=["s3:GetObject"], resources=["arn:aws:s3:::artifacts/*"])],
        "boundary_arn": BOUNDARY,
    }
    return WorkloadIdentity("tracking", WorkloadIdentityArgs(**args | changes))


def test_only_pods_of_one_service_account_of_one_cluster_assume_the_role():
    (statement,) = json.loads(deploy(workload).one(ROLE).inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": ACCOUNT,
            "aws:RequestTag/kubernetes-namespace": "tracking",
            "aws:RequestTag/kubernetes-service-account": "server",
        },
        "ArnEquals": {"aws:SourceArn": CLUSTER},
    }


def test_the_role_is_bounded_and_associated_once_it_has_its_permissions():
    made = deploy(workload)
    role, association = made.one(ROLE), made.one(ASSOCIATION)
    assert (role.inputs["permissionsBoundary"], role.inputs["path"]) == (BOUNDARY, "/plinth/")
    assert association.inputs == {
        "clusterName": "plinth-tooling",
        "namespace": "tracking",
        "serviceAccount": "server",
        "roleArn": role.computed["arn"],
    }
    assert made.one("aws:iam/rolePolicy:RolePolicy").urn in association.dependencies


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"namespace": "*"}, "namespace: '\\*' is not a name"),
        ({"namespace": "Tracking"}, "namespace: 'Tracking' is not a name"),
        ({"service_account": "a" * 64}, "service_account: .* is not a name of up to 63"),
        ({"service_account": "default"}, "every pod in tracking may use default"),
    ],
)
def test_a_role_for_more_than_one_service_account_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        workload(**changes)
