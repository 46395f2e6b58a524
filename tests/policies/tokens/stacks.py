"""Token cases of other rules about single resources and whole stacks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.policies.case import Member, Situation, document
from tests.policies.cases.data import apis as of_apis
from tests.policies.cases.network.stack_networks import networks
from tests.policies.cases.organization.rehearsals import production
from tests.policies.cases.sagemaker import registry as of_registries
from tests.policies.tokens.token_case import TokenCase, accepted
from tests.support.action_lists import listed_actions

WRITTEN_GROUPS: Mapping[str, dict[str, Any]] = {
    "aws:apigateway/stage:Stage": {"accessLogSettings": {"destinationArn": "arn:group"}},
    "aws:apigatewayv2/stage:Stage": {"accessLogSettings": {"destinationArn": "arn:group"}},
    "aws:cloudtrail/trail:Trail": {"cloudWatchLogsGroupArn": "arn:group"},
    "aws:codebuild/project:Project": {"logsConfig": {"cloudwatchLogs": {"groupName": "group"}}},
    "aws:lambda/function:Function": {"loggingConfig": {"logGroup": "group"}},
    "aws:route53/queryLog:QueryLog": {"cloudwatchLogGroupArn": "arn:group"},
    "aws:sagemaker/endpoint:Endpoint": {"name": "scoring"},
    "aws:emrserverless/application:Application": {
        "monitoringConfiguration": {"cloudwatchLoggingConfiguration": {"logGroupName": "group"}}
    },
    "aws:sfn/stateMachine:StateMachine": {"loggingConfiguration": {"logDestination": "arn:group:*"}},
}
"""Properties with which a resource writes to a log group, by type."""
SWITCHES = (
    "accessType", "appNetworkAccessType", "authMode", "authenticationMode", "awsServiceName", "defaultAction",
    "enableDockerAccess", "encryptionType", "executionRoleIdentityConfig", "firewallFailOpen", "httpEndpoint",
    "httpTokens", "imageTagMutability", "internetGatewayBlockMode", "ipProtocol", "keySpec", "keyUsage",
    "logDestinationType", "mode", "mutationProtection", "notebookOutputOption", "objectOwnership", "rootAccess",
    "serviceName", "settingValue", "sseAlgorithm", "state", "status", "tracingConfig", "trafficType", "type",
    "vpcEndpointType",
)  # fmt: skip
"""Properties of AWS resources with few values, in which production must not differ from pre-production."""
OPERATIONS = ("delete", "get", "head", "options", "patch", "post", "put", "x-amazon-apigateway-any-method")
"""Operations of an OpenAPI document, and API Gateway's extension for all methods."""
READING_A_REGISTRY = tuple(
    listed_actions("sagemaker CreateModel DescribeModelPackage DescribeModelPackageGroup ListModelPackages")
)
ONCE_PER_ACCOUNT = (
    "plinth:audit:ConfigurationRecorder", "plinth:identity:PlatformDeployer", "plinth:security:AccountBaseline",
)  # fmt: skip
OF_THESE = tuple(
    f"aws:iam/{name[0].lower()}{name[1:]}:{name}"
    for name in ("Policy", "Role", "RolePolicy", "RolePolicyAttachment", "ServiceLinkedRole")
)
"""Types of which components consist that exist once per account."""
ACTIONS = READING_A_REGISTRY


def cases() -> Iterator[TokenCase]:
    for verb in OPERATIONS:
        inputs = {
            "endpointConfiguration": {"types": "PRIVATE"},
            "body": json.dumps({"paths": {"/": {verb: {}}}}),
            "policy": of_apis.BOUND,
        }
        yield TokenCase("AG-01", verb, True, ("aws:apigateway/restApi:RestApi", Situation(inputs=inputs)))
    for protocol in ("-1", "all"):
        entry = {"ruleAction": "allow", "protocol": protocol, "cidrBlock": "0.0.0.0/0", "fromPort": 0, "toPort": 0}
        yield TokenCase("NW-03", protocol, True, ("aws:ec2/networkAclRule:NetworkAclRule", Situation(inputs=entry)))
    yield from accepted(
        "SM-24",
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        READING_A_REGISTRY,
        lambda action: document({**of_registries.READING, "Action": action}),
        key="resourcePolicy",
    )
    for type_, inputs in WRITTEN_GROUPS.items():
        case = networks("ST-02", "a group of its service", {"writer": Member(type=type_, inputs=inputs)}, "writer")
        yield TokenCase("ST-02", type_, True, case)
        name = "/aws/sagemaker/Endpoints/scoring" if type_.endswith(":Endpoint") else "group"
        group = Member(type="aws:cloudwatch/logGroup:LogGroup", inputs={"name": name, "arn": "arn:group"})
        members = {"writer": Member(type=type_, inputs=inputs), "group": group}
        yield TokenCase("ST-02", f"{type_} with its group", False, networks("ST-02", "its own group", members))
    thing = "aws:test/thing:Thing"
    for token in SWITCHES:
        ours, theirs = ({"thing": Member(type=thing, inputs={token: value})} for value in ("this", "that"))
        yield TokenCase("ST-14", token, True, production(token, ours, theirs, "thing"))
    parts = [(parent, OF_THESE[1]) for parent in ONCE_PER_ACCOUNT] + [
        (ONCE_PER_ACCOUNT[1], child) for child in OF_THESE
    ]
    for component, type_ in parts:
        part = {"part": Member(type=type_, parents=(component,))}
        case = production(component, {"thing": Member(type=thing)} | part, {"thing": Member(type=thing)})
        yield TokenCase("ST-14", f"{type_} of {component}", False, case)
