"""Evasions: resources that lead data, code or permissions out of a team, with the rule that refuses each.

Each has only the properties that matter. A name says the part of the platform and the way out.
"""

from __future__ import annotations

import json
from typing import Any

from tests.policies.case import OTHER_ACCOUNT
from tests.policies.cases.identity.grants import granting
from tests.policies.cases.kubernetes.clusters.providers import kubeconfig
from tests.policies.cases.kubernetes.objects.powers import rule
from tests.policies.cases.kubernetes.workloads import nested

STRANGERS = {
    "OR-09": f"arn:aws:sns:eu-west-1:{OTHER_ACCOUNT}:strangers",
    "OR-11": "s3://strangers-scores/a.csv",
    "OR-12": "https://collector.example.org/in",
}
POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]})
ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"
INTEGRATION = "x-amazon-apigateway-integration"


def in_body(**integration: str) -> str:
    return json.dumps({"paths": {"/": {"get": {INTEGRATION: integration}}}})


TO_STRANGERS: dict[str, tuple[str, str, dict[str, Any]]] = {
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

GRANTS = "aws:iam/rolePolicy:RolePolicy"
POD = ("spec", "template", "spec")
RBAC = "kubernetes:rbac.authorization.k8s.io/v1"
TOKEN = {"serviceAccountToken": {"path": "token", "expirationSeconds": 600, "audience": "https://tokens.example.org"}}


def allowing(*actions: str) -> dict[str, str]:
    return {"role": "scoring", "policy": granting(list(actions))}


def pod(**changes: Any) -> dict[str, Any]:
    return nested(POD, changes)


def may(group: str, resource: str, verb: str) -> dict[str, Any]:
    return {"rules": [rule(group, resource, verb)]}


OTHERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "function: image by tag": (
        "OR-13", "aws:lambda/function:Function", {"imageUri": f"{OTHER_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/a:1"}),
    "role: its own policies": ("IA-06", GRANTS, allowing("iam:PutRolePolicy")),
    "role: a stronger role for a function": ("IA-06", GRANTS, allowing("iam:PassRole", "lambda:CreateFunction")),
    "role: a change of a stack": (
        "IA-06", GRANTS, allowing("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet")),
    "role: a stronger role for a cluster": (
        "IA-06", GRANTS, allowing("iam:PassRole", "ecs:RunTask", "ecs:RegisterTaskDefinition")),
    "provider: keys": ("OR-14", "pulumi:providers:aws", {"accessKey": "a", "secretKey": "b"}),
    "provider: certificate": ("OR-14", "pulumi:providers:aws", {"insecure": "true"}),
    "provider: proxy": ("OR-14", "pulumi:providers:aws", {"httpsProxy": "http://10.0.0.1:3128"}),
    "provider: ignored tags": ("OR-14", "pulumi:providers:aws", {"ignoreTags": json.dumps({"keyPrefixes": ["a"]})}),
    "provider: role of another account": (
        "OR-14", "pulumi:providers:aws",
        {"allowedAccountIds": '["111111111111"]', "assumeRoles": json.dumps([{"roleArn": ROLE}])}),
    "cluster: certificate": (
        "EK-08", "pulumi:providers:kubernetes", {"kubeconfig": kubeconfig(**{"insecure-skip-tls-verify": True})}),
    "cluster: forgotten objects": (
        "EK-08", "pulumi:providers:kubernetes", {"kubeconfig": kubeconfig(), "deleteUnreachable": "true"}),
    "secret: variable of a function": (
        "SE-02", "aws:lambda/function:Function", {"environment": {"variables": {"DB_PWD": "hunter2"}}}),
    "secret: command of a build": (
        "SE-02", "aws:codebuild/project:Project", {"source": {"buildspec": "export API_TOKEN=hunter2"}}),
    "secret: environment of a model": (
        "SE-02", "aws:sagemaker/model:Model", {"primaryContainer": {"environment": {"AUTH": "hunter2"}}}),
    "secret: description": (
        "SE-02", "aws:kms/key:Key", {"description": "ghp_0123456789abcdefABCDEF0123456789abcd"}),
    "secret: base64 in a ConfigMap": (
        "SE-02", "kubernetes:core/v1:ConfigMap", {"binaryData": {"settings": "cGFzc3dvcmQ6IGh1bnRlcjI="}}),
    "pod: audience of a token": (
        "KU-06", "kubernetes:apps/v1:Deployment", pod(volumes=[{"projected": {"sources": [TOKEN]}}])),
    "pod: one node": ("KU-15", "kubernetes:batch/v1:Job", pod(nodeName="node-1")),
    "pod: every taint": ("KU-15", "kubernetes:apps/v1:DaemonSet", pod(tolerations=[{"operator": "Exists"}])),
    "pod: resolver": ("KU-16", "kubernetes:apps/v1:Deployment", pod(dnsConfig={"nameservers": ["198.51.100.7"]})),
    "pod: aliases of hosts": (
        "KU-16", "kubernetes:apps/v1:Deployment",
        pod(hostAliases=[{"ip": "198.51.100.7", "hostnames": ["sts.amazonaws.com"]}])),
    "pod: volume of a driver": (
        "KU-02", "kubernetes:apps/v1:Deployment", pod(volumes=[{"csi": {"driver": "strangers.example.org"}}])),
    "pod: volume of somebody else": (
        "KU-17", "kubernetes:core/v1:PersistentVolumeClaim", {"spec": {"volumeName": "pv-1"}}),
    "network policy: everybody": (
        "KU-14", "kubernetes:networking.k8s.io/v1:NetworkPolicy", {"spec": {"ingress": [{}]}}),
    "permissions: secrets": ("KU-18", f"{RBAC}:ClusterRole", may("", "secrets", "get")),
    "permissions: terminals of pods": ("KU-18", f"{RBAC}:Role", may("", "pods/exec", "create")),
    "permissions: impersonation": ("KU-18", f"{RBAC}:ClusterRole", may("", "users", "impersonate")),
    "permissions: webhooks": ("KU-18", f"{RBAC}:ClusterRole",
                              may("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "create")),
    "permissions: built-in role": (
        "KU-18", f"{RBAC}:ClusterRoleBinding", {"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}}),
}  # fmt: skip
EVASIONS = {**TO_STRANGERS, **OTHERS}
