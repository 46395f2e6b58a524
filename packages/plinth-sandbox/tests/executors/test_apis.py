"""Deployed REST APIs answer HTTP requests: routes, validation, keys, permissions, functions, logs and metrics."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import SSLError
from botocore.httpsession import URLLib3Session

from executors.functions import archive, create
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal

PREDICT = """
    import json
    def handler(event, context):
        if event["body"] == '{"instances": ["fail"]}':
            raise ValueError("failed")
        if event["body"] == '{"instances": ["malformed"]}':
            return ["not", "an", "answer"]
        seen = {name: event[name] for name in ("httpMethod", "path", "pathParameters", "queryStringParameters")}
        seen |= {"stage": event["requestContext"]["stage"], "variables": event["stageVariables"], "body": event["body"],
                 "identity": {k: v for k, v in event["requestContext"]["identity"].items() if v}}
        return {"statusCode": 201, "headers": {"X-Version": "3"}, "body": json.dumps(seen)}
"""
SIGNATURE = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}
BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Predictions"}}},
}
MODEL = {
    "type": "object",
    "required": ["instances"],
    "additionalProperties": False,
    "properties": {"instances": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Instance"}}},
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """Starts one server for all tests. Each uses an API of its own."""
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        create(server, "predict", PREDICT)
        yield server


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def content(self) -> Any:
        return json.loads(self.text)


@dataclass
class Api:
    """A deployed API."""

    aws: EmulatedAws
    id: str
    endpoint: str = ""
    arn: str = field(init=False)

    def __post_init__(self) -> None:
        self.arn = f"arn:aws:execute-api:{REGION}:{MANAGEMENT}:{self.id}"

    @property
    def host(self) -> str:
        suffix = f"-{self.endpoint}" if self.endpoint else ""
        return f"{self.id}{suffix}.execute-api.{REGION}.amazonaws.com"

    def allow(self, function: str = "predict", source: str = "/*/*/*") -> None:
        self.aws.client("lambda").add_permission(
            FunctionName=function,
            StatementId=self.id,
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=self.arn + source,
        )

    def call(
        self,
        path: str,
        body: object = None,
        method: str = "POST",
        keys: Mapping[str, str] | None = None,
        **headers: str,
    ) -> Answer:
        """Calls the API as a client of a proxy does, signed with ``keys``."""
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        url = f"http://{self.host}{path}"
        if keys:
            signed = AWSRequest(method, url, data=content, headers={"Host": self.host, **sent})
            credentials = Credentials(
                keys["aws_access_key_id"], keys["aws_secret_access_key"], keys.get("aws_session_token")
            )
            SigV4Auth(credentials, "execute-api", REGION).add_auth(signed)
            sent = dict(signed.headers.items())
        request = urllib.request.Request(url, content, sent, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": self.aws.url}))
        try:
            with opener.open(request) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), error.read().decode())


def deploy(
    aws: EmulatedAws,
    *,
    function: str = "predict",
    security: str = "",
    policy: Any = None,
    endpoint: str = "",
    more: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Api:
    """Deploys an API with the paths ``/v1/predictions``, ``/cards/{card}`` and ``/health``."""
    client = aws.client("apigateway")
    configuration = {"types": ["PRIVATE" if endpoint else "REGIONAL"]}
    if endpoint:
        configuration["vpcEndpointIds"] = [endpoint]
    api = client.create_rest_api(name=f"api-{function}", endpointConfiguration=configuration)["id"]
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:{REGION}:{MANAGEMENT}:function:"
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": f"{uri}{function}/invocations"}
    operation = {
        "responses": {"200": {"description": "well"}},
        "x-amazon-apigateway-integration": integration,
        **({"security": [{security: []}]} if security else {}),
    }
    parameter = {"name": "day", "in": "query", "required": True, "schema": {"type": "string"}}
    mock = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": '{"well": true}'}}},
    }
    document: dict[str, Any] = {
        "openapi": "3.0.1",
        "info": {"title": "predictions", "version": "1"},
        "paths": {
            "/v1/predictions": {"post": {**operation, "requestBody": BODY}},
            "/cards/{card}": {"get": {**operation, "parameters": [parameter]}},
            "/health": {"get": {"responses": {}, "x-amazon-apigateway-integration": mock}},
        },
        "components": {
            "schemas": {"Predictions": MODEL, "Instance": {"type": "string"}},
            "securitySchemes": {"signature": SIGNATURE, "key": KEY},
        },
        "x-amazon-apigateway-request-validators": {
            "all": {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "x-amazon-apigateway-request-validator": "all",
        **(more or {}),
    }
    if policy is not None:
        document["x-amazon-apigateway-policy"] = {"Version": "2012-10-17", "Statement": policy}
    client.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(document).encode())
    deployment = client.create_deployment(restApiId=api)["id"]
    client.create_stage(restApiId=api, stageName="live", deploymentId=deployment, variables=dict(variables or {}))
    return Api(aws, api, endpoint)


def session(aws: EmulatedAws, name: str, *statements: Mapping[str, Any]) -> dict[str, str]:
    """Returns credentials of a role with the given statements."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    keys = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="tester")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


ONE = {"instances": ["a"]}


def test_an_api_is_reached_by_https_under_its_own_name_and_by_nobody_who_trusts_public_authorities_only(
    aws: EmulatedAws,
) -> None:
    url = f"https://{deploy(aws).host}/live/health"
    proxies = {"https": aws.url}
    for _ in range(2):
        found = URLLib3Session(verify=str(aws.directory / "authorities.pem"), proxies=proxies).send(
            AWSRequest("GET", url).prepare()
        )
        assert (found.status_code, json.loads(found.content)) == (200, {"well": True})
        aws.restart()
    with pytest.raises(SSLError):
        URLLib3Session(proxies=proxies).send(AWSRequest("GET", url).prepare())


def test_a_proxy_passes_other_hosts_on_and_names_one_that_it_cannot_reach(aws: EmulatedAws) -> None:
    port = int(aws.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode())
        assert connection.recv(1000) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        connection.sendall(b"GET /sandbox-of-nobody HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert connection.recv(9) == b"HTTP/1.1 "
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 502"


def test_a_request_reaches_the_function_behind_the_api(aws: EmulatedAws) -> None:
    api = deploy(aws, variables={"color": "blue"})
    api.allow()
    answer = api.call("/live/v1/predictions?day=1", ONE)
    assert (answer.status, answer.headers["X-Version"], answer.headers["Content-Type"]) == (
        201,
        "3",
        "application/json",
    )
    seen = answer.content
    assert (seen["httpMethod"], seen["path"], seen["stage"]) == ("POST", "/v1/predictions", "live")
    assert seen["queryStringParameters"] == {"day": "1"}
    assert seen["variables"] == {"color": "blue"}
    assert json.loads(seen["body"]) == ONE
    found = api.call("/live/cards/a%20b?day=2", method="GET").content
    assert (found["path"], found["pathParameters"]) == ("/cards/a b", {"card": "a b"})
    assert api.call("/live/health", method="GET").content == {"well": True}


def test_requests_that_the_api_refuses_itself(aws: EmulatedAws) -> None:
    api = deploy(aws)
    api.allow()
    cases = {
        ("POST", "/live/v1/predictions", b"{"): (400, "BadRequestException", "Invalid request body"),
        ("POST", "/live/v1/predictions", b'{"instances": []}'): (400, "BadRequestException", "Invalid request body"),
        ("POST", "/live/v1/predictions", b'{"instances": [1]}'): (400, "BadRequestException", "Invalid request body"),
        ("POST", "/live/v1/predictions", None): (400, "BadRequestException", "Invalid request body"),
        ("POST", "/live/absent", b"{}"): (403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
        ("PUT", "/live/health", b"{}"): (403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
        ("POST", "/absent/v1/predictions", b"{}"): (403, "ForbiddenException", "Forbidden"),
        ("GET", "/live/cards/1", None): (400, "BadRequestException", "Missing required request parameters: [day]"),
    }
    for (method, path, body), (status, kind, message) in cases.items():
        answer = api.call(path, body, method)
        assert (answer.status, answer.headers["x-amzn-ErrorType"], answer.content) == (
            status,
            kind,
            {"message": message},
        )
    large = api.call("/live/v1/predictions", json.dumps({"instances": ["x" * 10_485_760]}).encode())
    assert (large.status, large.content) == (413, {"message": "Request Too Long"})


def test_a_function_without_permission_or_with_a_failure_is_an_internal_error(aws: EmulatedAws) -> None:
    api = deploy(aws)
    denied = api.call("/live/v1/predictions", ONE)
    assert (denied.status, denied.content) == (500, {"message": "Internal server error"})
    api.allow(source="/live/POST/v1/other")
    assert api.call("/live/v1/predictions", ONE).status == 500
    aws.client("lambda").remove_permission(FunctionName="predict", StatementId=api.id)
    api.allow(source="/live/POST/v1/predictions")
    assert api.call("/live/v1/predictions", ONE).status == 201
    for kind in ("fail", "malformed"):
        answer = api.call("/live/v1/predictions", {"instances": [kind]})
        assert (answer.status, answer.content) == (502, {"message": "Internal server error"})


def test_an_integration_that_takes_too_long_times_out(aws: EmulatedAws) -> None:
    create(aws, "slow", "import time\ndef handler(event, context): time.sleep(600)", Timeout=2)
    api = deploy(aws, function="slow")
    client = aws.client("apigateway")
    document = json.loads(
        client.get_export(
            restApiId=api.id, stageName="live", exportType="oas30", parameters={"extensions": "apigateway"}
        )["body"].read()
    )
    operation = document["paths"]["/v1/predictions"]["post"]
    operation["x-amazon-apigateway-integration"]["timeoutInMillis"] = 50
    client.put_rest_api(restApiId=api.id, mode="overwrite", body=json.dumps(document).encode())
    api.allow("slow")
    # A deployment is a snapshot: the stage shows the new limit only after it has changed.
    changed = client.create_deployment(restApiId=api.id)["id"]
    operations = [{"op": "replace", "path": "/deploymentId", "value": changed}]
    client.update_stage(restApiId=api.id, stageName="live", patchOperations=operations)
    answer = api.call("/live/v1/predictions", ONE)
    assert (answer.status, answer.content) == (504, {"message": "Endpoint request timed out"})


def test_callers_sign_requests_and_their_roles_are_judged(aws: EmulatedAws) -> None:
    api = deploy(aws, security="signature")
    api.allow()
    path = "/live/v1/predictions"
    allowed = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{api.arn}/live/POST/v1/*"}
    keys = session(aws, "caller", allowed)
    answer = api.call(path, ONE, keys=keys)
    assert answer.status == 201
    assert answer.content["identity"]["userArn"].endswith(":assumed-role/caller/tester")
    unsigned = api.call(path, ONE)
    assert (unsigned.status, unsigned.content) == (403, {"message": "Missing Authentication Token"})
    forged = api.call(path, ONE, keys={**keys, "aws_secret_access_key": "x" * 40})
    assert (forged.status, forged.headers["x-amzn-ErrorType"]) == (403, "InvalidSignatureException")
    other = api.call(path, ONE, keys=session(aws, "stranger"))
    assert (other.status, other.headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    assert (
        "is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:" in other.content["Message"]
    )
    assert "********9012" in other.content["Message"]


def test_a_private_api_answers_only_through_its_endpoint(aws: EmulatedAws) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    service = f"com.amazonaws.{REGION}.execute-api"
    endpoints = [
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, VpcEndpointType="Interface")["VpcEndpoint"]
        for _ in range(2)
    ]
    own, other = (endpoint["VpcEndpointId"] for endpoint in endpoints)
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    elsewhere = {**everyone, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpce": own}}}
    api = deploy(aws, policy=[everyone, elsewhere], endpoint=own)
    api.allow()
    answer = api.call("/live/v1/predictions", ONE)
    assert answer.status == 201
    assert answer.content["identity"]["vpceId"] == own
    public = Api(aws, api.id).call("/live/v1/predictions", ONE)
    assert (public.status, public.content) == (403, {"message": "Forbidden"})
    assert Api(aws, api.id, other).call("/live/v1/predictions", ONE).status == 403
    both = [{"op": "add", "path": "/endpointConfiguration/vpcEndpointIds", "value": other}]
    aws.client("apigateway").update_rest_api(restApiId=api.id, patchOperations=both)
    denied = Api(aws, api.id, other).call("/live/v1/predictions", ONE)
    assert denied.status == 403
    assert denied.content["Message"].startswith("User: anonymous is not authorized to perform: execute-api:Invoke")
    policy = {"Version": "2012-10-17", "Statement": [{**everyone, "Resource": "*", "Effect": "Deny"}]}
    ec2.modify_vpc_endpoint(VpcEndpointId=own, PolicyDocument=json.dumps(policy))
    assert api.call("/live/v1/predictions", ONE).status == 403


def test_api_keys_have_quotas_and_limits(aws: EmulatedAws) -> None:
    api = deploy(aws, security="key")
    api.allow()
    client, path = aws.client("apigateway"), "/live/v1/predictions"
    key = client.create_api_key(name="caller", enabled=True)
    plan = client.create_usage_plan(
        name="few",
        apiStages=[{"apiId": api.id, "stage": "live"}],
        quota={"limit": 2, "period": "MONTH"},
        throttle={"rateLimit": 100, "burstLimit": 100},
    )["id"]
    refused = api.call(path, ONE, x_api_key=key["value"])
    assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (403, "ForbiddenException")
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    assert api.call(path, ONE).content == {"message": "Forbidden"}
    assert api.call(path, ONE, x_api_key=key["value"]).content["identity"]["apiKeyId"] == key["id"]
    assert api.call(path, ONE, x_api_key=key["value"]).status == 201
    over = api.call(path, ONE, x_api_key=key["value"])
    assert (over.status, over.content) == (429, {"message": "Limit Exceeded"})


def test_a_stage_is_throttled(aws: EmulatedAws) -> None:
    api = deploy(aws)
    client = aws.client("apigateway")
    limits = {"/*/*/throttling/rateLimit": "0.001", "/*/*/throttling/burstLimit": "2"}
    operations = [{"op": "replace", "path": path, "value": value} for path, value in limits.items()]
    client.update_stage(restApiId=api.id, stageName="live", patchOperations=operations)
    statuses = [api.call("/live/health", method="GET").status for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_gateway_responses_can_be_declared(aws: EmulatedAws) -> None:
    declared = {
        "DEFAULT_4XX": {
            "responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
            "responseTemplates": {"application/json": '{"reason": $context.error.messageString}'},
        },
        "BAD_REQUEST_BODY": {"statusCode": 422},
    }
    api = deploy(aws, more={"x-amazon-apigateway-gateway-responses": declared})
    answer = api.call("/live/absent", method="GET")
    assert (answer.status, answer.content) == (403, {"reason": "Missing Authentication Token"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert api.call("/live/v1/predictions", {}).status == 422


def test_a_gateway_response_with_an_unknown_variable_is_not_run(aws: EmulatedAws) -> None:
    template = '{"message": "$context.error.messageString", "errors": "$context.error.validationErrorString"}'
    declared = {"BAD_REQUEST_BODY": {"responseTemplates": {"application/json": template}}}
    api = deploy(aws, more={"x-amazon-apigateway-gateway-responses": declared})
    answer = api.call("/live/v1/predictions", {})
    assert answer.status == 501
    assert "does not run $context.error.validationErrorString in gateway responses" in answer.content["message"]


def test_requests_are_logged_and_counted(aws: EmulatedAws) -> None:
    api = deploy(aws)
    client, logs = aws.client("apigateway"), aws.client("logs")
    logs.create_log_group(logGroupName="/apis")
    role = aws.role("api-logs", "apigateway")
    account = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    client.update_account(patchOperations=account)
    settings = {
        "/accessLogSettings/destinationArn": f"arn:aws:logs:{REGION}:{MANAGEMENT}:log-group:/apis",
        "/accessLogSettings/format": "$context.httpMethod $context.resourcePath $context.status $context.error.message "
        "$context.identity.caller",
    }
    operations = [{"op": "replace", "path": path, "value": value} for path, value in settings.items()]
    client.update_stage(restApiId=api.id, stageName="live", patchOperations=operations)
    api.call("/live/health", method="GET")
    api.call("/live/v1/predictions", {})
    lines = [event["message"] for event in logs.filter_log_events(logGroupName="/apis")["events"]]
    assert lines == ["GET /health 200 - -", "POST /v1/predictions 400 Invalid request body -"]

    def total(metric: str) -> float:
        found = aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/ApiGateway",
            MetricName=metric,
            Dimensions=[{"Name": "ApiName", "Value": "api-predict"}, {"Name": "Stage", "Value": "live"}],
            StartTime=datetime.now(UTC) - timedelta(hours=1),
            EndTime=datetime.now(UTC) + timedelta(hours=1),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(float(point["Sum"]) for point in found)

    before = total("Count"), total("4XXError")
    api.call("/live/health", method="GET")
    api.call("/live/absent", method="GET")
    assert (total("Count") - before[0], total("4XXError") - before[1]) == (2, 1)


def test_an_api_survives_a_restart_and_repeats_nothing(aws: EmulatedAws) -> None:
    source = archive("seen = []\ndef handler(event, context): seen.append(1); return {'body': str(len(seen))}")
    create(aws, "counting", "def handler(event, context): return {}")
    aws.client("lambda").update_function_code(FunctionName="counting", ZipFile=source)
    api = deploy(aws, function="counting")
    api.allow("counting")
    path = "/live/cards/1?day=1"
    assert [api.call(path, method="GET").text for _ in range(2)] == ["1", "2"]
    aws.restart()
    assert api.call(path, method="GET").text == "1"


def test_a_document_without_a_description_and_with_a_mock_integration_is_imported(aws: EmulatedAws) -> None:
    client, mock = aws.client("apigateway"), {"type": "mock", "requestTemplates": {"application/json": "{}"}}
    document = {
        "openapi": "3.0.1",
        "info": {"title": "imported", "version": "1"},
        "paths": {"/health": {"get": {"responses": {}, "x-amazon-apigateway-integration": mock}}},
        "x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": []},
    }
    for text in (json.dumps(document), yaml.safe_dump(document)):
        made = client.import_rest_api(body=text.encode())
        assert (made["name"], "Statement" in made["policy"]) == ("imported", True)
        paths = {
            item["path"]: list(item.get("resourceMethods", {}))
            for item in client.get_resources(restApiId=made["id"])["items"]
        }
        assert paths == {"/": [], "/health": ["GET"]}
        client.create_deployment(restApiId=made["id"], stageName="live")
        shown = client.get_export(restApiId=made["id"], stageName="live", exportType="oas30")["body"].read()
        assert json.loads(shown)["info"]["title"] == "imported"


NAMED = {"openapi": "3.0.1", "info": {"title": "a"}}


@pytest.mark.parametrize(
    "text",
    [
        "no document",
        "{",
        "[1, 2]",
        '{"info": {"title": "a"}, "paths": {}}',
        json.dumps(NAMED),
        '{"openapi": "3.0.1", "info": {"version": "1"}, "paths": {}}',
        json.dumps({**NAMED, "paths": {"/a": {"get": 1}}}),
        json.dumps({**NAMED, "paths": {"/a": {"get": {"x-amazon-apigateway-integration": {}}}}}),
    ],
)
def test_a_document_that_is_no_api_is_refused(aws: EmulatedAws, text: str) -> None:
    client = aws.client("apigateway")
    before = len(client.get_rest_apis()["items"])
    assert refusal(client.import_rest_api, body=text.encode()) == "BadRequestException"
    assert len(client.get_rest_apis()["items"]) == before
