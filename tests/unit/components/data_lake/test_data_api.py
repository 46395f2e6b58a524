"""A data API: private, called by roles of the environment, with queries that callers cannot change."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data_lake.api.data_api import DataApi, DataApiArgs
from components.data_lake.api.data_api_document import DEFAULT_ROWS, DataApiDocument, Served, query_template
from components.identity.workloads.workload_permissions import WorkloadScope
from settings.data.dataset import Column
from tests.support.documents import as_list, statements
from tests.support.mapping_template import rendered
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY, KEY, REGION

API = "aws:apigateway/restApi:RestApi"
NAME = "fraud-development-data-api"
CALLER = f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud-development-execution"
SCOPE = WorkloadScope(
    account_id=ACCOUNT,
    region=REGION,
    bucket_arn="arn:aws:s3:::ml",
    key_arn=KEY,
    role_prefix="fraud-development",
    team="fraud",
)
SERVED = Served(
    dataset="card-payments",
    table="card_payments",
    part="historical",
    database="lake_historical",
    columns=[
        Column(name="amount", type="double"),
        Column(name="day", type="date", partition=True),
        Column(name="_shop", type="varchar(20)", partition=True),
        Column(name="year", type="int", partition=True),
        Column(name="at", type="timestamp", partition=True),
    ],
)
both_modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


def api(**changes):
    args = {
        "api_name": NAME,
        "scope": SCOPE,
        "served": [SERVED],
        "caller_arns": [CALLER],
        "organization_id": "o-acme",
        "endpoint_id": "vpce-1",
        "boundary_arn": BOUNDARY,
        "requests_per_second": 10,
        "log_retention_days": 365,
    }
    return DataApi("data-api", DataApiArgs(**args | changes))


def document(*served):
    return DataApiDocument(
        title=NAME,
        served=served or [SERVED],
        workgroup=NAME,
        role_arn="arn:aws:iam::111111111111:role/api",
        region=REGION,
        callers=[CALLER],
        organization_id="o-acme",
        endpoint_id="vpce-1",
    ).body()


def operations(body):
    return [operation for path in body["paths"].values() for operation in path.values()]


def asked(body=None):
    return json.loads(rendered(query_template(SERVED, NAME), body=body or {}))["QueryString"]


@pytest.mark.requirement("DL-12.a")
@both_modes
def test_it_is_private_throttled_traced_and_logged_under_the_environments_key(preview):
    recorder = deploy(api, preview=preview)
    assert recorder.one(API).inputs["endpointConfiguration"] == {"types": "PRIVATE"}
    stage = recorder.one("aws:apigateway/stage:Stage").inputs
    assert (stage["stageName"], stage["xrayTracingEnabled"]) == ("v1", True)
    limits = recorder.one("aws:apigateway/methodSettings:MethodSettings").inputs
    assert (limits["methodPath"], limits["settings"]["throttlingRateLimit"]) == ("*/*", 10)
    assert (limits["settings"]["throttlingBurstLimit"], limits["settings"]["dataTraceEnabled"]) == (20, False)
    group = recorder.one("aws:cloudwatch/logGroup:LogGroup").inputs
    assert (group["kmsKeyId"], group["retentionInDays"]) == (KEY, 365)


def test_logs_contain_the_caller_but_no_request_content():
    stage = deploy(api).one("aws:apigateway/stage:Stage").inputs
    logged = json.loads(stage["accessLogSettings"]["format"])
    assert logged["caller"] == "$context.identity.userArn"
    assert not [value for value in logged.values() if "body" in value or "requestOverride" in value]


def test_a_changed_document_causes_a_new_deployment():
    triggers = [
        deploy(lambda served=served: api(served=[served]))
        .one("aws:apigateway/deployment:Deployment")
        .inputs["triggers"]
        for served in (SERVED, SERVED, Served(dataset="a", table="a", part="inference", database="d", columns=()))
    ]
    assert triggers[0] == triggers[1] != triggers[2]


@pytest.mark.requirement("DL-12.a")
def test_every_operation_requires_a_signature_validates_its_input_and_rejects_other_content_types():
    body = document()
    assert len(operations(body)) == 3
    for operation in operations(body):
        (needed,) = operation["security"]
        (scheme,) = needed
        assert body["components"]["securitySchemes"][scheme]["x-amazon-apigateway-authtype"] == "awsSigv4"
        assert operation["x-amazon-apigateway-integration"]["passthroughBehavior"] == "never"
        assert operation["x-amazon-apigateway-integration"]["uri"].startswith("arn:aws:apigateway:eu-west-1:athena:")
    checks = body["x-amazon-apigateway-request-validators"][body["x-amazon-apigateway-request-validator"]]
    assert checks == {"validateRequestBody": True, "validateRequestParameters": True}


@pytest.mark.requirement("DL-12.a")
def test_only_named_roles_of_the_organization_may_call_through_the_endpoint():
    allowed, *denied = document()["x-amazon-apigateway-policy"]["Statement"]
    assert allowed["Condition"] == {
        "StringEquals": {"aws:PrincipalOrgID": "o-acme", "aws:SourceVpce": "vpce-1"},
        "ArnEquals": {"aws:PrincipalArn": CALLER},
    }
    assert [statement["Effect"] for statement in denied] == ["Deny", "Deny"]
    assert [statement["Condition"] for statement in denied] == [
        {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        {"ArnNotEquals": {"aws:PrincipalArn": CALLER}},
    ]


def test_the_role_queries_in_its_own_workgroup_and_reads_only_its_own_results():
    recorder = deploy(api)
    (group,) = recorder.all("aws:athena/workgroup:Workgroup")
    assert group.inputs["name"] == NAME
    answers = group.inputs["configuration"]["resultConfiguration"]["outputLocation"]
    assert answers == f"s3://ml/queries/{NAME}/"
    document = statements(recorder.one("aws:iam/rolePolicy:RolePolicy"))
    assert document["Ask"]["Resource"] == [
        f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/{NAME}",
        f"arn:aws:athena:{REGION}:{ACCOUNT}:datacatalog/AwsDataCatalog",
    ]
    assert as_list(document["KeepAnswers"]["Resource"]) == [f"arn:aws:s3:::ml/queries/{NAME}/*"]
    (trust,) = statements(recorder.one("aws:iam/role:Role"), "assumeRolePolicy").values()
    assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}


def test_a_request_without_filters_returns_the_first_rows_of_all_readable_columns():
    assert asked() == (
        'SELECT "amount", "day", "_shop", "year", "at" FROM "lake_historical"."card_payments" WHERE 1 = 1 '
        f"LIMIT {DEFAULT_ROWS}"
    )


def test_rows_are_filtered_by_partition_columns_and_values_are_quoted():
    where = {"day": "2026-01-31", "_shop": "s-1", "year": 2026}
    assert asked({"limit": 5, "where": where}).partition("1 = 1")[2] == (
        " AND \"day\" = DATE '2026-01-31' AND \"_shop\" = 's-1' AND \"year\" = CAST('2026' AS bigint) LIMIT 5"
    )


@given(st.dictionaries(st.sampled_from(["day", "_shop", "year"]), st.text()), st.text())
def test_no_input_can_change_the_table_or_append_to_the_query(where, limit):
    query = asked({"where": where, "limit": limit})
    shape = re.sub(r"'[^']*'", "''", query)
    assert re.fullmatch(
        r'SELECT "amount", "day", "_shop", "year", "at" FROM "lake_historical"\."card_payments" WHERE 1 = 1'
        r"( AND \"day\" = DATE '')?( AND \"_shop\" = '')?( AND \"year\" = CAST\('' AS bigint\))? LIMIT [0-9]+",
        shape,
    )


def test_the_model_accepts_exactly_the_inputs_of_the_template():
    model = document()["components"]["schemas"]["CardPaymentsHistorical"]
    assert model["additionalProperties"] is False
    assert model["properties"]["limit"]["maximum"] == 1000
    where = model["properties"]["where"]
    assert where["additionalProperties"] is False
    assert set(where["properties"]) == {"day", "_shop", "year"}
    for name, good, bad in (("day", "2026-01-31", "2026-01-31' OR 1"), ("_shop", "a-1", "a b"), ("_shop", "a", "")):
        assert re.search(where["properties"][name]["pattern"], good)
        assert not re.search(where["properties"][name]["pattern"], bad)


def test_a_page_is_requested_by_query_id_and_continuation_token():
    body = document()
    told = body["paths"]["/queries/{id}/rows"]["get"]["x-amazon-apigateway-integration"]["requestTemplates"]
    template = told["application/json"]
    first = json.loads(rendered(template, parameters={"id": "0a-1f"}))
    assert first == {"QueryExecutionId": "0a-1f", "MaxResults": 1000}
    odd = json.loads(rendered(template, parameters={"id": '0a", "x": "', "next": 'to"ken'}))
    assert odd == {"QueryExecutionId": "0a", "MaxResults": 1000, "NextToken": 'to"ken'}


def test_responses_contain_the_result_of_athena_and_errors_its_message():
    body = document()
    look = body["paths"]["/queries/{id}"]["get"]["x-amazon-apigateway-integration"]["responses"]
    answer = {"QueryExecution": {"QueryExecutionId": "1", "Status": {"State": "FAILED", "StateChangeReason": 'a "b"'}}}
    template = look["default"]["responseTemplates"]["application/json"]
    assert json.loads(rendered(template, body=answer)) == {"id": "1", "state": "FAILED", "reason": 'a "b"'}
    refused = look[r"4\d{2}"]["responseTemplates"]["application/json"]
    assert json.loads(rendered(refused, body={"Message": "no"})) == {"message": "no"}
