"""Policies name only existing actions. AWS accepts a misspelt action, which has no effect."""

import json
from fnmatch import fnmatchcase
from functools import cache

import botocore.exceptions
import botocore.session
import pytest

from components.identity.deployer.kinds import CALLS_BY_KIND, calls_in
from tests.support.documents import as_list
from tests.support.every_stack import example_deployment

DOCUMENTS = ("assumeRolePolicy", "content", "inlinePolicy", "policy")
NAMED_OTHERWISE = {
    "access-analyzer": "accessanalyzer",
    "aoss": "opensearchserverless",
    "elasticfilesystem": "efs",
    "elasticmapreduce": "emr",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tag": "resourcegroupstaggingapi",
}
"""botocore's name of a service, by IAM's name, where they differ."""
FURTHER_MODELS = {
    "s3": ("s3control",),
    "sagemaker": ("sagemaker-runtime", "sagemaker-featurestore-runtime", "sagemaker-metrics"),
}
PERMISSIONS_ALONE = {
    "account:CloseAccount",
    "budgets:ViewBudget",
    "cloudshell:CreateEnvironment",
    "codecommit:GitPull",
    "codecommit:GitPush",
    "dynamodb:ConditionCheckItem",
    "eks:AccessKubernetesApi",
    "elasticfilesystem:Client*",
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientWrite",
    "iam:PassRole",
    "lakeformation:GetDataAccess",
    "lambda:InvokeFunction",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:UpdateLogDelivery",
    "route53profiles:PutProfilePolicy",
    "s3:DeleteObjectVersion",
    "s3:BypassGovernanceRetention",
    "s3:GetAccelerateConfiguration",
    "s3:GetAccountPublicAccessBlock",
    "s3:GetBucketCORS",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetObjectVersion",
    "s3:GetReplicationConfiguration",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListMultipartUploadParts",
    "s3:PutAccessPointPublicAccessBlock",
    "s3:PutAccountPublicAccessBlock",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
    "s3:PutObjectVersionAcl",
    "s3:Replicate*",
    "s3:ReplicateObject",
    "sagemaker:CallMlflowAppApi",
    "states:InvokeHTTPEndpoint",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
}
"""Actions without an API operation of that name (Service Authorization Reference)."""
WITHOUT_MODEL = {"apigateway", "aws-portal", "billing", "execute-api", "payments", "sagemaker-mlflow", "tax"}
"""Services without a botocore model: console services, HTTP verbs, customers' own APIs and MLflow's API."""


def actions_of(stack):
    for record in example_deployment()[stack].records:
        for document in filter(None, map(record.inputs.get, DOCUMENTS)):
            for statement in as_list(json.loads(document).get("Statement", ())):
                yield from as_list(statement.get("Action") or statement["NotAction"])


@cache
def operations(service):
    session = botocore.session.get_session()
    models = (NAMED_OTHERWISE.get(service, service), *FURTHER_MODELS.get(service, ()))
    return [name for model in models for name in session.get_service_model(model).operation_names]


def exists(action):
    service, _, name = action.partition(":")
    if name in ("", "*") or service in WITHOUT_MODEL or action in PERMISSIONS_ALONE:
        return True
    alone = [other.partition(":")[2] for other in PERMISSIONS_ALONE if other.startswith(f"{service}:")]
    try:
        return any(fnmatchcase(known, name) for known in (*operations(service), *alone))
    except botocore.exceptions.UnknownServiceError:
        return False


@pytest.mark.parametrize("stack", ["organization", "identity", "fraud-experimentation", "fraud-development"])
def test_every_action_in_a_policy_exists_in_aws(stack):
    assert [action for action in set(actions_of(stack)) if not exists(action)] == []


def test_every_action_of_the_deployer_exists_in_aws():
    named = {action for _, calls in calls_in(CALLS_BY_KIND) for action in (*calls.allowed, *calls.reserved)}
    assert [action for action in sorted(named) if not exists(action)] == []
