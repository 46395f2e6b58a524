"""The data API of fraud's development, read back by another client than the one that made it, and asked as it asks."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from tests.support.mapping_template import rendered
from tests.support.running import ended
from tests.support.workbench import Workbench

DEVELOPMENT, STACK = "fraud-development", "fraud-data"
NAME = f"{DEVELOPMENT}-data-api"
DAY = "2031-01-31"
PATH = "/datasets/card-payments/historical/queries"


@pytest.fixture(scope="module")
def development(acme: Workbench) -> dict[str, Any]:
    return acme.outputs(DEVELOPMENT)


@pytest.fixture(scope="module")
def gateway(acme: Workbench, development: dict[str, Any]) -> Any:
    return acme.client("apigateway", development["account_id"])


@pytest.fixture(scope="module")
def api(gateway: Any) -> dict[str, Any]:
    (found,) = gateway.get_rest_apis()["items"]
    return dict(found)


@pytest.fixture(scope="module")
def document(gateway: Any, api: dict[str, Any]) -> dict[str, Any]:
    exported = gateway.get_export(
        restApiId=api["id"], stageName="v1", exportType="oas30", parameters={"extensions": "apigateway"}
    )
    return dict(json.loads(exported["body"].read()))


@pytest.mark.requirement("DL-12.a")
def test_it_is_private_and_answers_roles_of_its_environment_through_their_network(
    acme: Workbench, development: dict[str, Any], api: dict[str, Any]
) -> None:
    assert (api["name"], api["endpointConfiguration"]["types"]) == (NAME, ["PRIVATE"])
    assert api["tags"]["plinth:team"] == "fraud"
    url = f"https://{api['id']}.execute-api.eu-west-1.amazonaws.com/v1"
    assert acme.outputs(STACK)["data_apis"] == {"development": url}
    policy = json.loads(json.loads(f'"{api["policy"]}"'))
    allowed, *denied = policy["Statement"]
    role = f"arn:aws:iam::{development['account_id']}:role/plinth/{DEVELOPMENT}-execution"
    assert allowed["Condition"]["ArnEquals"] == {"aws:PrincipalArn": role}
    assert allowed["Resource"] == f"arn:aws:execute-api:eu-west-1:{development['account_id']}:{api['id']}/*"
    organization = acme.outputs("organization")["organization_id"]
    endpoint = allowed["Condition"]["StringEquals"]
    assert endpoint == {"aws:PrincipalOrgID": organization, "aws:SourceVpce": development["api_endpoint_id"]}
    assert {statement["Effect"] for statement in denied} == {"Deny"}
    ec2 = acme.client("ec2", development["account_id"])
    (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[development["api_endpoint_id"]])["VpcEndpoints"]
    assert (found["ServiceName"], found["VpcId"]) == ("com.amazonaws.eu-west-1.execute-api", development["vpc_id"])


@pytest.mark.requirement("DL-12.a")
def test_every_method_asks_for_a_signature_and_athena_is_asked_by_a_role_of_the_apis_own(
    gateway: Any, api: dict[str, Any], development: dict[str, Any]
) -> None:
    resources = gateway.get_resources(restApiId=api["id"], limit=500)["items"]
    methods = {
        (resource["path"], verb): gateway.get_method(restApiId=api["id"], resourceId=resource["id"], httpMethod=verb)
        for resource in resources
        for verb in resource.get("resourceMethods", {})
    }
    parts = {("/datasets/card-payments/" + part + "/queries", "POST") for part in ("historical", "inference")}
    assert set(methods) == {*parts, ("/queries/{id}", "GET"), ("/queries/{id}/rows", "GET")}
    assert {method["authorizationType"] for method in methods.values()} == {"AWS_IAM"}
    integrations = [method["methodIntegration"] for method in methods.values()]
    role = f"arn:aws:iam::{development['account_id']}:role/plinth/{NAME}"
    assert {integration["credentials"] for integration in integrations} == {role}
    asked = {integration["uri"].rpartition("/")[2] for integration in integrations}
    assert asked == {"StartQueryExecution", "GetQueryExecution", "GetQueryResults"}


@pytest.mark.requirement("DL-12.a")
def test_the_stage_is_throttled_traced_and_logs_who_called(
    acme: Workbench, gateway: Any, api: dict[str, Any], development: dict[str, Any]
) -> None:
    stage = gateway.get_stage(restApiId=api["id"], stageName="v1")
    limits = stage["methodSettings"]["*/*"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (10, 20)
    assert (stage["tracingEnabled"], limits["dataTraceEnabled"]) == (True, False)
    logs = acme.client("logs", development["account_id"])
    (group,) = logs.describe_log_groups(logGroupNamePrefix=f"/plinth/{DEVELOPMENT}/data-api")["logGroups"]
    assert stage["accessLogSettings"]["destinationArn"] == group["logGroupArn"]
    assert group["kmsKeyId"] == development["key_arn"]
    role = f"arn:aws:iam::{development['account_id']}:role/plinth/{DEVELOPMENT}-api-logs"
    assert gateway.get_account()["cloudwatchRoleArn"] == role


@pytest.mark.requirement("DL-12.b")
def test_what_it_serves_is_documented_for_who_asks_without_how_it_is_done(gateway: Any, api: dict[str, Any]) -> None:
    exported = gateway.get_export(restApiId=api["id"], stageName="v1", exportType="oas30")["body"].read().decode()
    assert "x-amazon" not in exported
    where = json.loads(exported)["components"]["schemas"]["CardPaymentsHistorical"]["properties"]["where"]
    assert set(where["properties"]) == {"day"}


@pytest.fixture(scope="module")
def payments(acme: Workbench) -> Iterator[Workbench]:
    """Two payments of a day of their own, which the catalogue knows as long as these tests run."""
    lake = acme.outputs("data-lake")
    s3, glue = acme.client("s3", lake["account_id"]), acme.client("glue", lake["account_id"])
    table = {"DatabaseName": "historical", "TableName": "card_payments"}
    kept = glue.get_table(DatabaseName="historical", Name="card_payments")["Table"]["StorageDescriptor"]
    bucket, _, folder = f"{kept['Location']}day={DAY}/".removeprefix("s3://").partition("/")
    rows = [{"payment_id": name, "merchant": "grocer", "amount": Decimal("12.50")} for name in ("one", "two")]
    body = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), body)
    s3.put_object(Bucket=bucket, Key=f"{folder}part.parquet", Body=body.getvalue())
    described = {**kept, "Location": f"s3://{bucket}/{folder}"}
    glue.create_partition(**table, PartitionInput={"Values": [DAY], "StorageDescriptor": described})
    try:
        yield acme
    finally:
        glue.delete_partition(**table, PartitionValues=[DAY])
        s3.delete_object(Bucket=bucket, Key=f"{folder}part.parquet")


def told(operation: dict[str, Any], **request: Any) -> dict[str, Any]:
    """Returns the parameters that the API Gateway integration sends to Athena for a request."""
    templates = operation["x-amazon-apigateway-integration"]["requestTemplates"]
    return dict(json.loads(rendered(templates["application/json"], **request)))


def given(operation: dict[str, Any], answer: Any) -> dict[str, Any]:
    """Returns the body that the API responds with for an answer of Athena."""
    responses = operation["x-amazon-apigateway-integration"]["responses"]
    return dict(json.loads(rendered(responses["default"]["responseTemplates"]["application/json"], body=answer)))


@pytest.mark.requirement("DL-12.a")
def test_rows_are_asked_for_and_read_as_the_api_asks_in_the_name_of_its_role(
    payments: Workbench, development: dict[str, Any], document: dict[str, Any]
) -> None:
    athena = payments.client("athena", development["account_id"], role=f"plinth/{NAME}")
    ask, look, read = (
        document["paths"][path][verb]
        for path, verb in ((PATH, "post"), ("/queries/{id}", "get"), ("/queries/{id}/rows", "get"))
    )
    started = given(ask, athena.start_query_execution(**told(ask, body={"where": {"day": DAY}, "limit": 5})))
    asked = {"parameters": {"id": started["id"]}}
    state = ended(
        lambda: given(look, json.loads(json.dumps(athena.get_query_execution(**told(look, **asked)), default=str))),
        lambda query: str(query["state"]),
    )
    assert state == {"id": started["id"], "state": "SUCCEEDED", "reason": ""}
    found = given(read, athena.get_query_results(**told(read, **asked)))
    header, *rows = [[value.get("VarCharValue") for value in row["Data"]] for row in found["rows"]]
    assert header[:2] == ["payment_id", "card_number"]
    assert sorted(row[0] for row in rows) == ["one", "two"]
    assert {row[-1] for row in rows} == {DAY}


@pytest.mark.requirement("DL-12.a")
def test_its_role_asks_nowhere_else_and_jobs_of_another_team_do_not_ask_as_it(
    payments: Workbench, development: dict[str, Any], document: dict[str, Any]
) -> None:
    ask = told(document["paths"][PATH]["post"], body={})
    assert ask["WorkGroup"] == NAME
    query = payments.client("athena", development["account_id"]).get_work_group(WorkGroup=NAME)["WorkGroup"]
    kept = query["Configuration"]["ResultConfiguration"]
    assert kept["OutputLocation"] == f"s3://{development['bucket_name']}/queries/{NAME}/"
    assert query["Configuration"]["EnforceWorkGroupConfiguration"] is True
    iam = payments.client("iam", development["account_id"])
    trust = iam.get_role(RoleName=NAME)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert [statement["Principal"] for statement in trust] == [{"Service": "apigateway.amazonaws.com"}]
