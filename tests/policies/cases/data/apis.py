"""Cases of policies/security/rules/data/apis.py."""

from __future__ import annotations

import json
from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Situation, but

IAM = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}
KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}
OTHER_HEADER = {"type": "apiKey", "name": "x-caller", "in": "header"}
VALIDATOR = "x-amazon-apigateway-request-validator"
POLICY = "x-amazon-apigateway-policy"
NOWHERE = f"arn:aws:logs:eu-west-1:{OWN_ACCOUNT}:log-group:api"


def body(*operations: dict[str, Any], **more: Any) -> str:
    paths = {f"/{number}": {"get": operation, "parameters": []} for number, operation in enumerate(operations)}
    return json.dumps({"paths": paths, "components": {"securitySchemes": {"iam": IAM, "key": KEY}}} | more)


def requested(*names: str) -> dict[str, Any]:
    return {"security": [{name: [] for name in names}], VALIDATOR: "all"}


def policy(**condition: Any) -> str:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    deny = allow | {"Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}
    return json.dumps({"Statement": [allow | condition, deny]})


def said(document: str) -> list[Any]:
    return list(json.loads(document)["Statement"])


BOUND = policy(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}})
LOOSE = {
    "allows every principal": but({"policy": policy()}),
    "allows an account without the organization": but({"policy": policy(Principal={"AWS": OTHER_ACCOUNT})}),
    "allows every principal in addition": but({"policy": json.dumps({"Statement": [*said(BOUND), *said(policy())]})}),
    "has an empty policy": but({"policy": "{"}),
}
LOGGED = {"accessLogSettings": {"destinationArn": NOWHERE}}
LIMITS = {"throttlingRateLimit": 5, "throttlingBurstLimit": 10, "dataTraceEnabled": False}


def bounded(type_: str, block: str, **more: Any) -> Case:
    return Case(
        rule="AG-02",
        type=type_,
        compliant=Situation(inputs={block: LIMITS} | more),
        optional=frozenset({f"{block}.dataTraceEnabled"}),
        refused={
            "has no limit of its rate": but({f"{block}.throttlingRateLimit": -1}),
            "has no limit of a burst": but({f"{block}.throttlingBurstLimit": -1}),
            "logs what is answered": but({f"{block}.dataTraceEnabled": True}),
        },
        accepted={"has no operations": but({f"{block}.throttlingRateLimit": 0})},
    )


def telling(rule: str, type_: str, key: str, good: str, bad: str) -> Case:
    return Case(
        rule=rule, type=type_, compliant=Situation(inputs={key: good}), refused={f"has {key} {bad}": but({key: bad})}
    )


CASES = [
    Case(
        rule="AG-01",
        type="aws:apigateway/restApi:RestApi",
        compliant=Situation(
            inputs={"endpointConfiguration": {"types": "PRIVATE"}, "body": body(requested("iam")), "policy": BOUND}
        ),
        optional=frozenset({"body", "policy"}),
        refused={
            "is regional": but({"endpointConfiguration.types": "REGIONAL"}),
            "is private and regional": but({"endpointConfiguration.types": ["PRIVATE", "REGIONAL"]}),
            "has an unauthenticated operation": but({"body": body(requested("iam"), {})}),
            "has security at the root alone": but({"body": body({}, security=[{"iam": []}])}),
            "may be asked without security": but({"body": body({"security": [{"iam": []}, {}]})}),
            "admits every principal in its document": but(
                {"body": body(requested("iam"), **{POLICY: json.loads(policy())})}
            ),
            "has a document with an empty policy": but({"body": body(requested("iam"), **{POLICY: "{"})}),
            "wants a key, or nothing": but({"body": body({"security": [{"key": []}, {}], VALIDATOR: "all"})}),
            "is written in YAML": but({"body": "openapi: 3.0.1\npaths: {}\n"}),
            "has a list as its document": but({"body": "[]"}),
            "wants a key alone": but({"body": body(requested("key"))}),
            "accepts another header instead": but(
                {
                    "body": body(
                        {"security": [{"old": []}, {"header": []}], VALIDATOR: "all"},
                        securityDefinitions={"old": IAM, "header": OTHER_HEADER},
                    )
                }
            ),
            "names a scheme that it does not have": but({"body": body(requested("other"))}),
            **LOOSE,
        },
        accepted={
            "has its policy in its document": but({"body": body(requested("iam"), **{POLICY: json.loads(BOUND)})}),
            "requires an API key in addition": but({"body": body(requested("key", "iam"))}),
            "lists an API key besides": but({"body": body({"security": [{"iam": []}, {"key": []}], VALIDATOR: "all"})}),
            "lists an API key in the older OpenAPI": but(
                {
                    "body": body(
                        {"security": [{"old": []}, {"old key": []}], VALIDATOR: "all"},
                        securityDefinitions={"old": IAM, "old key": KEY},
                    )
                }
            ),
            "is written in the older OpenAPI": but({"body": body(requested("old"), securityDefinitions={"old": IAM})}),
            "has no operations": but({"body": "{}"}),
        },
    ),
    Case(
        rule="AG-01",
        type="aws:apigateway/restApiPolicy:RestApiPolicy",
        compliant=Situation(inputs={"policy": BOUND}),
        refused=LOOSE,
    ),
    telling("AG-01", "aws:apigateway/method:Method", "authorization", "AWS_IAM", "NONE"),
    telling("AG-01", "aws:apigatewayv2/route:Route", "authorizationType", "AWS_IAM", "NONE"),
    Case(
        rule="AG-02",
        type="aws:apigateway/restApi:RestApi",
        compliant=Situation(inputs={"body": body(requested("iam"), requested("iam"))}),
        optional=frozenset({"body"}),
        refused={"validates one of two operations": but({"body": body(requested("iam"), {})})},
        accepted={"validates all at the root": but({"body": body({}, **{VALIDATOR: "all"})})},
    ),
    telling("AG-02", "aws:apigateway/method:Method", "requestValidatorId", "all", ""),
    Case(
        rule="AG-02",
        type="aws:apigateway/stage:Stage",
        compliant=Situation(inputs={"xrayTracingEnabled": True} | LOGGED),
        refused={
            "is not traced": but({"xrayTracingEnabled": False}),
            "has no log destination": but({"accessLogSettings.destinationArn": ""}),
        },
        accepted={"logs where the deployment knows": but({"accessLogSettings.destinationArn": UNKNOWN})},
    ),
    bounded("aws:apigatewayv2/stage:Stage", "defaultRouteSettings", **LOGGED),
    bounded("aws:apigateway/methodSettings:MethodSettings", "settings"),
    telling("AG-02", "aws:apigateway/domainName:DomainName", "securityPolicy", "TLS_1_2", "TLS_1_0"),
]
