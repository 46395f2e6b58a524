"""Ways out of the organization: values of any property that lead to strangers, in every kind of stack."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from policies.evaluation.dispatch import Dispatcher
from policies.evaluation.resource import StackContext
from policies.evaluation.values import PROSE
from policies.rule_list import RULES
from policies.security.inputs.known_types import KNOWN_TYPES
from policies.security.rules.organization.references import JUDGED
from settings.types.kinds import KINDS
from tests.policies.case import OTHER_ACCOUNT, Situation
from tests.policies.checking import resource_of
from tests.support.docs.known_types import classes_of_types

REFERENCES = Dispatcher([rule for rule in RULES if rule.id in {"OR-09", "OR-10", "OR-11", "OR-12", "OR-13"}])
STRANGERS = {
    "OR-09": f"arn:aws:sns:eu-west-1:{OTHER_ACCOUNT}:strangers",
    "OR-11": "s3://strangers-scores/a.csv",
    "OR-12": "https://collector.example.org/in",
}
KIND_OF_ALL = (*KINDS, "team", "identity", "data-catalog", "dataset")
POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]})
ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"
INTEGRATION = "x-amazon-apigateway-integration"


def in_body(**integration: str) -> str:
    return json.dumps({"paths": {"/": {"get": {INTEGRATION: integration}}}})


EVASIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "API: integration with a function": (
        "OR-09", "aws:apigateway/restApi:RestApi", {"body": in_body(uri=STRANGERS["OR-09"])}),
    "API: integration with a host": (
        "OR-12", "aws:apigateway/restApi:RestApi", {"body": in_body(type="http_proxy", uri="https://in.example.org")}),
    "API: integration with a role": ("OR-09", "aws:apigateway/restApi:RestApi", {"body": in_body(credentials=ROLE)}),
    "API: integration in YAML": (
        "OR-09", "aws:apigateway/restApi:RestApi", {"body": f"paths:\n  /:\n    get: {{uri: {STRANGERS['OR-09']}}}\n"}),
    "API: access log": (
        "OR-09", "aws:apigateway/stage:Stage", {"accessLogSettings": {"destinationArn": STRANGERS["OR-09"]}}),
    "alarm: action": ("OR-09", "aws:cloudwatch/metricAlarm:MetricAlarm", {"alarmActions": [STRANGERS["OR-09"]]}),
    "bucket: replication": ("OR-11", "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
                            {"rules": [{"destination": {"bucket": "arn:aws:s3:::strangers-copy"}}]}),
    "bucket: replication to an account": ("OR-09", "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
                                          {"rules": [{"destination": {"account": OTHER_ACCOUNT}}]}),
    "bucket: notification": ("OR-09", "aws:s3/bucketNotification:BucketNotification",
                             {"queues": [{"queueArn": STRANGERS["OR-09"]}]}),
    "bucket: access log": ("OR-11", "aws:s3/bucketLogging:BucketLogging", {"targetBucket": "strangers-logs"}),
    "build: image": ("OR-13", "aws:codebuild/project:Project", {"environment": {"image": "strangers/build:1"}}),
    "build: source": ("OR-12", "aws:codebuild/project:Project",
                      {"source": {"type": "GIT", "location": "https://git.example.org/a.git"}}),
    "build: commands": ("OR-12", "aws:codebuild/project:Project",
                        {"source": {"buildspec": "phases: {build: {commands: ['curl https://in.example.org']}}"}}),
    "build: cache": ("OR-11", "aws:codebuild/project:Project", {"cache": {"type": "S3", "location": "s3://strangers"}}),
    "build: role": ("OR-09", "aws:codebuild/project:Project", {"serviceRole": ROLE}),
    "endpoint: captured data": ("OR-11", "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
                                {"dataCaptureConfig": {"destinationS3Uri": "s3://strangers-captures"}}),
    "endpoint: notification": ("OR-09", "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
                               {"asyncInferenceConfig": {"outputConfig": {
                                   "notificationConfig": {"errorTopic": STRANGERS["OR-09"]}}}}),
    "event bus: policy in a rule": ("OR-10", "aws:cloudwatch/eventTarget:EventTarget", {"input": POLICY}),
    "flow log: destination": ("OR-11", "aws:ec2/flowLog:FlowLog", {"logDestination": "arn:aws:s3:::strangers-flows"}),
    "function: code": ("OR-11", "aws:lambda/function:Function", {"s3Bucket": "strangers-code"}),
    "function: image": ("OR-13", "aws:lambda/function:Function", {"imageUri": "strangers/function:1"}),
    "function: layer": ("OR-09", "aws:lambda/function:Function",
                        {"layers": [f"arn:aws:lambda:eu-west-1:{OTHER_ACCOUNT}:layer:a:1"]}),
    "function: failures": (
        "OR-09", "aws:lambda/function:Function", {"deadLetterConfig": {"targetArn": STRANGERS["OR-09"]}}),
    "function: variable": ("OR-12", "aws:lambda/function:Function",
                           {"environment": {"variables": {"TO": "https://in.example.org"}}}),
    "Glue: script": ("OR-11", "aws:glue/job:Job", {"command": {"scriptLocation": "s3://strangers-scripts/a.py"}}),
    "Glue: modules": ("OR-12", "aws:glue/job:Job",
                      {"defaultArguments": {"--python-modules-installer-option": "--index-url=https://pypi.example.org"}}),
    "Glue: arguments": ("OR-11", "aws:glue/job:Job", {"defaultArguments": {"--out": "s3://strangers-data/"}}),
    "Lake Formation: principal": ("OR-09", "aws:lakeformation/resource:Resource", {"roleArn": ROLE}),
    "model: artifact": ("OR-11", "aws:sagemaker/model:Model",
                        {"primaryContainer": {"modelDataUrl": "s3://strangers-models/model.tar.gz"}}),
    "model: image": ("OR-09", "aws:sagemaker/model:Model",
                     {"primaryContainer": {"image": f"{OTHER_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/a:1"}}),
    "model: variable": ("OR-12", "aws:sagemaker/model:Model",
                        {"primaryContainer": {"environment": {"PROXY": "http://proxy.example.org:3128"}}}),
    "monitoring: image": ("OR-09", "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
                          {"dataQualityAppSpecification": {
                              "imageUri": f"{OTHER_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/a"}}),
    "parameter: address": ("OR-12", "aws:ssm/parameter:Parameter", {"value": "ssh://ana@host.example.org"}),
    "pipeline: input": ("OR-11", "aws:sagemaker/pipeline:Pipeline",
                        {"pipelineDefinition": json.dumps({"S3Uri": "s3://strangers-data/a.csv"})}),
    "pipeline: image": ("OR-13", "aws:sagemaker/pipeline:Pipeline",
                        {"pipelineDefinition": json.dumps({"TrainingImage": "strangers/train:1"})}),
    "pipeline: result to a queue": ("OR-09", "aws:sagemaker/pipeline:Pipeline",
                                    {"pipelineDefinition": json.dumps({
                                        "QueueUrl": f"https://sqs.eu-west-1.amazonaws.com/{OTHER_ACCOUNT}/a"})}),
    "promotion: deploy role": ("OR-09", "aws:codepipeline/pipeline:Pipeline",
                               {"stages": [{"actions": [{"roleArn": ROLE}]}]}),
    "promotion: store": ("OR-11", "aws:codepipeline/pipeline:Pipeline",
                         {"artifactStores": [{"location": "arn:aws:s3:::strangers"}]}),
    "queue: failures": ("OR-09", "aws:sqs/queue:Queue",
                        {"redrivePolicy": json.dumps({"deadLetterTargetArn": STRANGERS["OR-09"]})}),
    "alarm: recovery": ("OR-09", "aws:cloudwatch/metricAlarm:MetricAlarm", {"okActions": [STRANGERS["OR-09"]]}),
    "schedule: target": ("OR-09", "aws:scheduler/schedule:Schedule", {"target": {"arn": STRANGERS["OR-09"]}}),
    "secret: policy": ("OR-10", "aws:ssm/parameter:Parameter", {"value": POLICY}),
    "state machine: call of a service": (
        "OR-10", "aws:sfn/stateMachine:StateMachine",
        {"definition": json.dumps({"States": {"A": {"Arguments": {"Policy": POLICY}}}})}),
    "state machine: target": ("OR-09", "aws:sfn/stateMachine:StateMachine",
                              {"definition": json.dumps({"States": {"A": {"Resource": STRANGERS["OR-09"]}}})}),
    "bucket: another one": ("OR-11", "aws:s3/bucketReplicationConfig:BucketReplicationConfig", {"bucket": "strangers"}),
    "table: location": ("OR-11", "aws:glue/catalogTable:CatalogTable",
                        {"storageDescriptor": {"location": "s3://strangers-data/a/"}}),
    "table: key": ("OR-09", "aws:dynamodb/table:Table",
                   {"serverSideEncryption": {"kmsKeyArn": f"arn:aws:kms:eu-west-1:{OTHER_ACCOUNT}:key/a"}}),
    "workgroup: results": ("OR-11", "aws:athena/workgroup:Workgroup",
                           {"configuration": {"resultConfiguration": {"outputLocation": "s3://strangers-answers/"}}}),
    "access entry: principal": ("OR-09", "aws:eks/accessEntry:AccessEntry", {"principalArn": ROLE}),
    "dashboards: sink": (
        "OR-09", "aws:oam/link:Link", {"sinkIdentifier": f"arn:aws:oam:eu-west-1:{OTHER_ACCOUNT}:sink/a"}),
    "identity provider: issuer": (
        "OR-12", "aws:iam/openIdConnectProvider:OpenIdConnectProvider", {"url": "https://tokens.example.org"}),
    "notebook: code": ("OR-12", "aws:sagemaker/notebookInstance:NotebookInstance",
                       {"defaultCodeRepository": "https://git.example.org/a.git"}),
    "provider: endpoint": (
        "OR-12", "pulumi:providers:aws", {"endpoints": json.dumps([{"s3": "https://collector.example.org"}])}),
    "recorder: bucket": ("OR-11", "aws:cfg/deliveryChannel:DeliveryChannel", {"s3BucketName": "strangers-config"}),
    "rule: target": ("OR-09", "aws:cloudwatch/eventTarget:EventTarget", {"arn": STRANGERS["OR-09"]}),
    "share: principal": ("OR-09", "aws:ram/principalAssociation:PrincipalAssociation", {"principal": OTHER_ACCOUNT}),
    "trail: bucket": ("OR-11", "aws:cloudtrail/trail:Trail", {"s3BucketName": "strangers-trail"}),
    "pod: role": ("OR-09", "kubernetes:core/v1:ServiceAccount",
                  {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": ROLE}}}),
    "pod: variable": ("OR-12", "kubernetes:apps/v1:Deployment",
                      {"spec": {"template": {"spec": {"containers": [{"env": [
                          {"name": "TO", "value": "https://in.example.org"}]}]}}}}),
    "pod: image": ("OR-13", "kubernetes:batch/v1:Job",
                   {"spec": {"template": {"spec": {"initContainers": [{"image": "strangers/a:1"}]}}}}),
    "settings of a pod": ("OR-11", "kubernetes:core/v1:ConfigMap", {"data": {"out": "s3://strangers-data/"}}),
}  # fmt: skip


def refusing(type_: str, inputs: dict[str, Any], kind: str = "production") -> set[str]:
    """Returns the rules that refuse a resource, in a preview that plinth runs or at the end of it."""
    context = StackContext(kind=kind, organization_accounts=(), allowed_regions=("eu-west-1",))
    resource = resource_of(type_, Situation(inputs=inputs, context=context))
    found = [*REFERENCES.findings(resource), *REFERENCES.stack_findings([resource])]
    return {finding.rule.id for finding in found if finding.level == "mandatory"}


@pytest.mark.threat("T-16")
@pytest.mark.parametrize("evasion", EVASIONS)
def test_a_way_out_is_refused_in_every_kind_of_stack(evasion: str) -> None:
    rule, type_, inputs = EVASIONS[evasion]
    kinds = [kind for kind in KIND_OF_ALL if type_.startswith("aws:") or kind not in ("organization", "team")]
    assert [kind for kind in kinds if rule not in refusing(type_, inputs, kind)] == []


def properties() -> Iterator[tuple[str, str]]:
    """Yields every property of every known type of the provider's SDK."""
    for type_, (module, name) in classes_of_types().items():
        if type_ in KNOWN_TYPES:
            made = getattr(importlib.import_module(f"pulumi_aws.{module}"), name)
            for parameter in inspect.signature(made._internal_init).parameters:
                if parameter not in ("__self__", "resource_name", "opts", "__props__"):
                    yield type_, re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), parameter)


def test_every_property_of_every_known_type_is_read_unless_it_is_prose_or_a_policy_document() -> None:
    """The bucket of a new bucket is the only other one: S3-11 requires the account in its name."""
    unread = {
        (type_, name)
        for type_, name in properties()
        for rule, value in STRANGERS.items()
        if rule not in refusing(type_, {name: value})
    }
    documents = {(type_, name) for type_, names in JUDGED.items() for name in names}
    assert {one for one in unread if one[1] not in PROSE} <= documents | {("aws:s3/bucket:Bucket", "bucket")}
    read = sum(1 for _ in properties()) - len(unread)
    assert read > 2_000
