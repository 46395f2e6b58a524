"""Tests of the intake of fraud, which copies data out of the lake, with another client than the one that created it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.running import ended
from tests.support.workbench import Workbench

PRODUCTION, STACK = "fraud-production", "fraud-production-intake"
DAILY = f"{STACK}-daily-cards"


@pytest.fixture(scope="module")
def production(acme: Workbench) -> dict[str, Any]:
    return acme.outputs(PRODUCTION)


@pytest.fixture(scope="module")
def intake(acme: Workbench) -> dict[str, Any]:
    return acme.outputs(STACK)


@pytest.mark.requirement("INT-03")
@pytest.mark.requirement("INT-06.a")
def test_the_steps_ask_the_lake_for_what_the_settings_name_and_start_the_pipeline(
    acme: Workbench, production: dict[str, Any], intake: dict[str, Any]
) -> None:
    steps = acme.client("stepfunctions", production["account_id"])
    machine = steps.describe_state_machine(stateMachineArn=intake["state_machines"]["daily-cards"])
    states = json.loads(machine["definition"])["States"]
    query = states["Copy"]["Arguments"]
    assert query["WorkGroup"] == PRODUCTION
    location = states["Prepare"]["Assign"]["location"]
    assert f'"s3://{production["bucket_name"]}/"' in location
    assert '"scoring/' in location
    asked = '\\"amount\\", \\"merchant\\", \\"country\\", \\"day\\" FROM \\"lake_inference\\".\\"card_payments\\"'
    assert asked in query["QueryString"]
    assert states["StartPipeline"]["Arguments"]["PipelineName"] == "fraud--scoring-batch"


@pytest.mark.requirement("BI-08.b")
def test_the_role_of_intakes_sees_whether_features_are_fresh(
    acme: Workbench, production: dict[str, Any], intake: dict[str, Any]
) -> None:
    steps = acme.client("stepfunctions", production["account_id"])
    machine = steps.describe_state_machine(stateMachineArn=intake["state_machines"]["daily-cards"])
    check = json.loads(machine["definition"])["States"]["CheckFeatures"]["Arguments"]
    lake = acme.outputs("data-lake")["account_id"]
    writer = acme.client("sagemaker-featurestore-runtime", lake, role="plinth/data-lake-etl-card-payments")
    seen = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    values = {"card": "c-5", "observed_at": seen, "payments_1h": "1", "spent_24h": "2.5", "countries_7d": "1"}
    record = [{"FeatureName": name, "ValueAsString": value} for name, value in values.items()]
    writer.put_record(FeatureGroupName="card-activity", Record=record)
    athena = acme.client("athena", production["account_id"], role=f"plinth/{STACK}")
    query = check["QueryString"]
    assert "interval '24' hour" in query
    # No record is newer than the time of the query.
    for asked, count in ((query, "1"), (query.replace("interval '24' hour", "interval '0' hour"), "0")):
        run = athena.start_query_execution(QueryString=asked, WorkGroup=check["WorkGroup"])["QueryExecutionId"]
        told = ended(
            lambda run=run: athena.get_query_execution(QueryExecutionId=run)["QueryExecution"],
            lambda told: told["Status"]["State"],
        )
        assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
        rows = athena.get_query_results(QueryExecutionId=run, MaxResults=2)["ResultSet"]["Rows"]
        assert rows[1]["Data"][0]["VarCharValue"] == count


@pytest.mark.requirement("INT-03")
def test_a_state_machine_logs_every_step_without_data_under_the_key_of_its_environment(
    acme: Workbench, production: dict[str, Any], intake: dict[str, Any]
) -> None:
    steps = acme.client("stepfunctions", production["account_id"])
    machine = steps.describe_state_machine(stateMachineArn=intake["state_machines"]["daily-cards"])
    assert machine["encryptionConfiguration"]["kmsKeyId"] == production["key_arn"]
    assert machine["tracingConfiguration"] == {"enabled": True}
    logging = machine["loggingConfiguration"]
    assert (logging["level"], logging["includeExecutionData"]) == ("ALL", False)
    group = logging["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"].removesuffix(":*")
    logs = acme.client("logs", production["account_id"])
    (found,) = logs.describe_log_groups(logGroupNamePrefix="/aws/vendedlogs/states/")["logGroups"]
    assert found["logGroupArn"] == group
    assert (found["kmsKeyId"], found["retentionInDays"]) == (production["key_arn"], 731)
    (policy,) = logs.describe_resource_policies()["resourcePolicies"]
    (statement,) = json.loads(policy["policyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Resource"] == f"{group}:*"


@pytest.mark.requirement("INT-04")
def test_the_clock_starts_it_in_a_role_of_its_own_and_loses_no_event(
    acme: Workbench, production: dict[str, Any], intake: dict[str, Any]
) -> None:
    events = acme.client("events", production["account_id"])
    rule = events.describe_rule(Name=f"{DAILY}-clock")
    assert (rule["ScheduleExpression"], rule["State"]) == ("cron(0 4 * * ? *)", "ENABLED")
    (target,) = events.list_targets_by_rule(Rule=f"{DAILY}-clock")["Targets"]
    assert target["Arn"] == intake["state_machines"]["daily-cards"]
    assert target["RoleArn"].endswith(f":role/plinth/{STACK}-start")
    assert json.loads(target["InputTransformer"]["InputTemplate"])["claim"] == "clock <time>"
    queue = acme.client("sqs", production["account_id"])
    attributes = queue.get_queue_attributes(QueueUrl=intake["dead_letter_queue_url"], AttributeNames=["All"])
    assert target["DeadLetterConfig"]["Arn"] == attributes["Attributes"]["QueueArn"]
    assert attributes["Attributes"]["KmsMasterKeyId"] == production["key_arn"]


@pytest.mark.requirement("INT-09.a")
def test_claims_are_kept_in_a_table_that_can_be_restored_and_that_forgets(
    acme: Workbench, production: dict[str, Any], intake: dict[str, Any]
) -> None:
    dynamodb, table = acme.client("dynamodb", production["account_id"]), {"TableName": intake["claims_table"]}
    described = dynamodb.describe_table(**table)["Table"]
    assert described["SSEDescription"]["KMSMasterKeyArn"] == production["key_arn"]
    recovery = dynamodb.describe_continuous_backups(**table)["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    expiry = dynamodb.describe_time_to_live(**table)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}


@pytest.mark.requirement("INT-09.a")
def test_the_role_of_intakes_claims_an_event_once(
    acme: Workbench, production: dict[str, Any], intake: dict[str, Any]
) -> None:
    own = acme.client("dynamodb", production["account_id"], role=f"plinth/{STACK}")
    claim = {
        "TableName": intake["claims_table"],
        "Item": {"claim": {"S": "a test's"}, "holder": {"S": "one"}},
        "ConditionExpression": "attribute_not_exists(claim)",
    }
    own.put_item(**claim)
    try:
        with pytest.raises(own.exceptions.ConditionalCheckFailedException):
            own.put_item(**claim)
    finally:
        own.delete_item(TableName=claim["TableName"], Key={"claim": claim["Item"]["claim"]})


@pytest.mark.requirement("DL-08.b")
def test_the_role_that_copies_is_granted_what_production_reads_and_nothing_else(
    acme: Workbench, intake: dict[str, Any]
) -> None:
    lake = acme.outputs("data-lake")
    client = acme.client("lakeformation", lake["account_id"])
    grants = [
        grant
        for grant in client.list_permissions()["PrincipalResourcePermissions"]
        if grant["Principal"]["DataLakePrincipalIdentifier"] == intake["role_arn"]
    ]
    assert {permission for grant in grants for permission in grant["Permissions"]} == {"DESCRIBE", "SELECT"}
    assert not [grant for grant in grants if grant["PermissionsWithGrantOption"]]
    wanted = [e for g in grants for e in g["Resource"]["LFTagPolicy"]["Expression"] if e["TagKey"] == "team-fraud"]
    assert wanted
    assert all("prod" in value.split("+") for expression in wanted for value in expression["TagValues"])


DEVELOPMENT, ARRIVING = "fraud-development", "fraud-development-intake"


@pytest.mark.requirement("NET-04", level="run")
@pytest.mark.requirement("INT-05")
def test_the_lake_tells_a_bus_that_takes_events_of_it_alone(acme: Workbench) -> None:
    lake, development = acme.outputs("data-lake"), acme.outputs(DEVELOPMENT)
    told = acme.client("events", lake["account_id"])
    pattern = json.loads(told.describe_rule(Name=f"{ARRIVING}-tell")["EventPattern"])
    assert pattern["detail"]["bucket"]["name"] == [lake["zone_buckets"]["curated"]]
    assert pattern["detail"]["object"]["key"] == [{"prefix": "card-payments/historical/"}]
    (sent,) = told.list_targets_by_rule(Rule=f"{ARRIVING}-tell")["Targets"]
    bus = acme.client("events", development["account_id"]).describe_event_bus(Name=ARRIVING)
    assert sent["Arn"] == bus["Arn"]
    assert sent["RoleArn"] == f"arn:aws:iam::{lake['account_id']}:role/plinth/{ARRIVING}-tell"
    assert sent["DeadLetterConfig"]["Arn"].split(":")[4] == lake["account_id"]
    (admitted,) = json.loads(bus["Policy"])["Statement"]
    assert admitted["Principal"] == {"AWS": f"arn:aws:iam::{lake['account_id']}:root"}
    assert admitted["Condition"]["ArnEquals"] == {"aws:PrincipalArn": sent["RoleArn"]}
    assert admitted["Action"] == "events:PutEvents"


@pytest.mark.requirement("INT-05")
def test_what_arrived_starts_the_steps_with_its_version(acme: Workbench) -> None:
    development, stack = acme.outputs(DEVELOPMENT), acme.outputs(ARRIVING)
    events = acme.client("events", development["account_id"])
    rule = {"Rule": f"{ARRIVING}-card-history-arrival", "EventBusName": ARRIVING}
    (target,) = events.list_targets_by_rule(**rule)["Targets"]
    assert target["Arn"] == stack["state_machines"]["card-history"]
    transformer = target["InputTransformer"]
    assert transformer["InputPathsMap"]["version"] == "$.detail.object.version-id"
    started = json.loads(transformer["InputTemplate"])
    assert (started["claim"], started["gather"]) == ("object <bucket>/<key> version <version>", True)
    steps = acme.client("stepfunctions", development["account_id"])
    machine = steps.describe_state_machine(stateMachineArn=target["Arn"])
    assert "Gather" in json.loads(machine["definition"])["States"]
