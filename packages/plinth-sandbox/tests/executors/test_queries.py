"""A query reads the tables of the Glue Data Catalog that Lake Formation lets the caller read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import boto3
import pyarrow
import pyarrow.parquet
import pytest

from plinth_sandbox.testing import REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

LOCATION = "s3://curated/cards/historical/"
COLUMNS = [("payment_id", "string"), ("holder", "string"), ("amount", "decimal(12,2)")]


class Lake:
    """A data lake account with a table, and an account that reads the table through a resource link."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        self.account, self.other = aws.new_account("lake"), aws.new_account("fraud")
        s3, glue, lf = (aws.client(name, self.account) for name in ("s3", "glue", "lakeformation"))
        self.formation = lf
        s3.create_bucket(Bucket="curated", CreateBucketConfiguration={"LocationConstraint": REGION})
        reader = aws.role("lake-reader", "lakeformation", self.account)
        lf.register_resource(ResourceArn="arn:aws:s3:::curated", RoleArn=reader)
        lf.create_lf_tag(TagKey="team-fraud", TagValues=["exp", "dev"])
        lf.create_lf_tag(TagKey="exposure", TagValues=["raw", "anonymised"])
        glue.create_database(DatabaseInput={"Name": "historical"})
        described = {
            "Columns": [{"Name": name, "Type": type_} for name, type_ in COLUMNS],
            "Location": LOCATION,
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        }
        keys = [{"Name": "day", "Type": "date"}]
        table = {"Name": "cards", "PartitionKeys": keys, "StorageDescriptor": described}
        glue.create_table(DatabaseName="historical", TableInput=table)
        self.add("2026-01-01", [("a", "Ann", "1.50"), ("b", "Ben", None)])
        self.add("2026-01-02", [("c", "", "3.00")])
        link = {"CatalogId": self.account, "DatabaseName": "historical"}
        aws.client("glue", self.other).create_database(DatabaseInput={"Name": "lake", "TargetDatabase": link})
        aws.client("s3", self.other).create_bucket(
            Bucket="own", CreateBucketConfiguration={"LocationConstraint": REGION}
        )

    def add(self, day: str, rows: list[tuple[str, str, str | None]], *, catalogued: bool = True) -> None:
        body = BytesIO()
        columns = dict(zip((name for name, _ in COLUMNS), map(list, zip(*rows, strict=True)), strict=True))
        pyarrow.parquet.write_table(pyarrow.table(columns), body)
        location = f"{LOCATION}day={day}/"
        self.aws.client("s3", self.account).put_object(
            Bucket="curated", Key=f"cards/historical/day={day}/1.parquet", Body=body.getvalue()
        )
        if catalogued:
            new = {"Values": [day], "StorageDescriptor": {"Location": location}}
            glue = self.aws.client("glue", self.account)
            glue.create_partition(DatabaseName="historical", TableName="cards", PartitionInput=new)

    def tag(self, tags: Mapping[str, str], *columns: str) -> None:
        table = {"DatabaseName": "historical", "Name": "cards"}
        resource = {"TableWithColumns": {**table, "ColumnNames": list(columns)}} if columns else {"Table": table}
        given = [{"TagKey": key, "TagValues": [value]} for key, value in tags.items()]
        assert not self.formation.add_lf_tags_to_resource(Resource=resource, LFTags=given)["Failures"]

    def grant(self, role: str, resource: dict[str, Any]) -> None:
        principal = {"DataLakePrincipalIdentifier": self.role(role)}
        self.formation.grant_permissions(Principal=principal, Resource=resource, Permissions=["SELECT"])

    def grant_by_tags(self, role: str, tags: Mapping[str, list[str]]) -> None:
        expression = [{"TagKey": key, "TagValues": values} for key, values in tags.items()]
        self.grant(role, {"LFTagPolicy": {"ResourceType": "TABLE", "Expression": expression}})

    def role(self, name: str) -> str:
        return f"arn:aws:iam::{self.other}:role/{name}"

    def client(self, service: str, role: str) -> Any:
        session = self.aws.client("sts").assume_role(RoleArn=self.role(role), RoleSessionName="ana")["Credentials"]
        return boto3.client(
            service,
            endpoint_url=self.aws.url,
            region_name=REGION,
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
        )

    def ask(self, role: str, query: str, *values: str) -> tuple[Any, dict[str, Any]]:
        """Runs a query to its end and returns the client and the query execution."""
        athena = self.client("athena", role)
        place = {"OutputLocation": "s3://own/answers/"}
        given = {"ExecutionParameters": list(values)} if values else {}
        started = athena.start_query_execution(
            QueryString=query, QueryExecutionContext={"Database": "lake"}, ResultConfiguration=place, **given
        )

        def look() -> dict[str, Any] | None:
            found = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
            return found if found["Status"]["State"] not in ("QUEUED", "RUNNING") else None

        return athena, eventually(look)

    def answer(self, role: str, query: str, *values: str) -> list[list[str | None]]:
        athena, ended = self.ask(role, query, *values)
        assert ended["Status"]["State"] == "SUCCEEDED", ended["Status"]
        rows = athena.get_query_results(QueryExecutionId=ended["QueryExecutionId"])["ResultSet"]["Rows"]
        return [[value.get("VarCharValue") for value in row["Data"]] for row in rows]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    server = EmulatedAws(tmp_path_factory.mktemp("aws"))
    server.start()
    made = Lake(server)
    made.tag({"team-fraud": "exp", "exposure": "raw"})
    made.tag({"exposure": "anonymised"}, "amount", "day")
    made.grant_by_tags("everything", {"team-fraud": ["exp"]})
    made.grant_by_tags("anonymised", {"team-fraud": ["exp"], "exposure": ["anonymised"]})
    made.grant_by_tags("elsewhere", {"team-fraud": ["dev"]})
    yield made
    server.stop()


def test_rows_of_partitions_have_their_keys_types_and_nulls(lake: Lake) -> None:
    lake.add("2026-01-03", [("d", "Dee", "9.00")], catalogued=False)
    assert lake.answer("everything", "SELECT * FROM cards ORDER BY payment_id") == [
        ["payment_id", "holder", "amount", "day"],
        ["a", "Ann", "1.50", "2026-01-01"],
        ["b", "Ben", None, "2026-01-01"],
        ["c", "", "3.00", "2026-01-02"],
    ]


def test_athena_sql_is_translated(lake: Lake) -> None:
    query = """
        WITH paid AS (SELECT day, amount FROM "lake"."cards" c WHERE c.day >= DATE '2026-01-01')
        SELECT date_format(day, '%Y') AS "year", count(*) AS payments, sum(amount) AS total FROM paid GROUP BY 1
    """
    assert lake.answer("everything", query) == [["year", "payments", "total"], ["2026", "3", "4.50"]]


def test_question_marks_get_the_values_of_the_call_in_the_order_of_the_text(lake: Lake) -> None:
    query = """
        WITH one AS (SELECT payment_id, holder FROM cards WHERE day = ?)
        SELECT holder FROM one WHERE payment_id = ? AND holder <> '?'
    """
    assert lake.answer("everything", query, "DATE '2026-01-01'", "'b'") == [["holder"], ["Ben"]]
    assert lake.answer("everything", query, "DATE '2026-01-01'", "'it''s'") == [["holder"]]
    _, ended = lake.ask("everything", query, "'b'")
    assert "expected 2 but found 1" in ended["Status"]["StateChangeReason"]


def test_a_role_sees_only_the_columns_with_granted_tags(lake: Lake) -> None:
    assert lake.answer("anonymised", "SELECT * FROM lake.cards WHERE amount > 2") == [
        ["amount", "day"],
        ["3.00", "2026-01-02"],
    ]
    _, ended = lake.ask("anonymised", "SELECT holder FROM lake.cards")
    assert ended["Status"]["State"] == "FAILED"
    assert ended["Status"]["StateChangeReason"] == (
        "COLUMN_NOT_FOUND: Column 'holder' cannot be resolved or requester is not authorized to access requested "
        "resources"
    )


def test_a_syntax_error_is_reported_without_internals_of_the_engine(lake: Lake) -> None:
    _, ended = lake.ask("everything", "SELECT no_such_function(amount) FROM lake.cards")
    reason = ended["Status"]["StateChangeReason"]
    assert reason.startswith("SYNTAX_ERROR: ")
    assert "Traceback" not in reason


def test_timestamps_have_athenas_format(lake: Lake) -> None:
    query = "SELECT timestamp '2026-03-01 09:12:00' AS seen FROM lake.cards LIMIT 1"
    athena, ended = lake.ask("everything", query)
    found = athena.get_query_results(QueryExecutionId=ended["QueryExecutionId"])["ResultSet"]
    assert found["Rows"][1]["Data"] == [{"VarCharValue": "2026-03-01 09:12:00.000"}]
    assert found["ResultSetMetadata"]["ColumnInfo"][0]["Type"] == "timestamp"


@pytest.mark.parametrize("role", ["elsewhere", "nobody"])
def test_without_a_grant_nothing_is_read(lake: Lake, role: str) -> None:
    athena, ended = lake.ask(role, "SELECT amount FROM lake.cards")
    assert ended["Status"]["State"] == "FAILED"
    assert "Insufficient Lake Formation permission(s) on cards" in ended["Status"]["StateChangeReason"]
    assert refusal(athena.get_query_results, QueryExecutionId=ended["QueryExecutionId"]) == "InvalidRequestException"


def test_a_cell_filter_leaves_rows_out(lake: Lake) -> None:
    table = {"DatabaseName": "historical", "TableName": "cards", "Name": "small", "TableCatalogId": lake.account}
    kept = {"ColumnNames": ["amount"], "RowFilter": {"FilterExpression": "amount < 2"}}
    lake.formation.create_data_cells_filter(TableData={**table, **kept})
    lake.grant("filtered", {"DataCellsFilter": table})
    assert lake.answer("filtered", "SELECT * FROM lake.cards") == [["amount", "day"], ["1.50", "2026-01-01"]]


def test_a_partition_key_is_shown_although_a_cell_filter_leaves_it_out(lake: Lake) -> None:
    """Column filtering does not apply to partition keys (Lake Formation Developer Guide, "Data filtering limitations",
    read 2026-11-26).
    """
    table = {"TableCatalogId": lake.account, "DatabaseName": "historical", "TableName": "cards", "Name": "amounts"}
    kept = {"ColumnNames": ["amount"], "RowFilter": {"AllRowsWildcard": {}}}
    lake.formation.create_data_cells_filter(TableData={**table, **kept})
    lake.aws.role("keys", "sagemaker", lake.other)
    lake.grant("keys", {"DataCellsFilter": table})
    rows = lake.answer("keys", "SELECT * FROM cards WHERE day = DATE '2026-01-02'")
    assert rows == [["amount", "day"], ["3.00", "2026-01-02"]]


def test_unload_writes_parquet_or_json_lines_into_an_empty_folder(lake: Lake) -> None:
    query = "UNLOAD (SELECT payment_id, amount FROM lake.cards WHERE day = DATE '2026-01-02') TO 's3://own/taken/' "
    _, ended = lake.ask("everything", query + "WITH (format = 'PARQUET')")
    assert ended["Status"]["State"] == "SUCCEEDED", ended["Status"]
    s3 = lake.client("s3", "everything")
    (taken,) = s3.list_objects_v2(Bucket="own", Prefix="taken/")["Contents"]
    body = s3.get_object(Bucket="own", Key=taken["Key"])["Body"].read()
    assert (
        str(pyarrow.parquet.read_table(BytesIO(body)).to_pylist()) == "[{'payment_id': 'c', 'amount': Decimal('3.00')}]"
    )
    _, again = lake.ask("everything", query + "WITH (format = 'PARQUET')")
    assert "HIVE_PATH_ALREADY_EXISTS" in again["Status"]["StateChangeReason"]
    _, lines = lake.ask("everything", query.replace("taken", "lines") + "WITH (format = 'JSON', compression = 'GZIP')")
    assert lines["Status"]["State"] == "SUCCEEDED", lines["Status"]
    (written,) = s3.list_objects_v2(Bucket="own", Prefix="lines/")["Contents"]
    packed = s3.get_object(Bucket="own", Key=written["Key"])["Body"].read()
    assert gzip.decompress(packed) == b'{"payment_id": "c", "amount": 3.0}\n'
    _, text = lake.ask("everything", query.replace("taken", "text") + "WITH (format = 'TEXTFILE')")
    assert "NOT_SUPPORTED" in text["Status"]["StateChangeReason"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT 1 FROM lake.absent", "TABLE_NOT_FOUND"),
        ("SELECT 1 FROM absent.cards", "SCHEMA_NOT_FOUND"),
        ("SELECT FROM WHERE", "SYNTAX_ERROR"),
    ],
)
def test_missing_tables_are_reported_with_athenas_wording(lake: Lake, query: str, reason: str) -> None:
    _, ended = lake.ask("everything", query)
    assert ended["Status"]["StateChangeReason"].startswith(reason)


def test_long_results_are_paged(lake: Lake) -> None:
    athena, ended = lake.ask("everything", "SELECT payment_id FROM lake.cards ORDER BY 1")
    run = ended["QueryExecutionId"]
    first = athena.get_query_results(QueryExecutionId=run, MaxResults=3)
    second = athena.get_query_results(QueryExecutionId=run, NextToken=first["NextToken"])
    rows = [row["Data"][0]["VarCharValue"] for page in (first, second) for row in page["ResultSet"]["Rows"]]
    assert rows == ["payment_id", "a", "b", "c"]
    assert "NextToken" not in second


def test_a_workgroup_can_enforce_the_output_location(lake: Lake) -> None:
    athena = lake.client("athena", "everything")
    enforced = {"ResultConfiguration": {"OutputLocation": "s3://own/enforced/"}, "EnforceWorkGroupConfiguration": True}
    athena.create_work_group(Name="team", Configuration=enforced)
    run = athena.start_query_execution(
        QueryString="SELECT 1 AS one FROM lake.cards LIMIT 1",
        WorkGroup="team",
        ResultConfiguration={"OutputLocation": "s3://own/elsewhere/"},
    )["QueryExecutionId"]
    ended = athena.get_query_execution(QueryExecutionId=run)["QueryExecution"]
    assert ended["ResultConfiguration"]["OutputLocation"] == f"s3://own/enforced/{run}.csv"


@pytest.mark.nightly
def test_results_survive_a_restart(aws: EmulatedAws) -> None:
    lake = Lake(aws)
    lake.grant("named", {"Table": {"DatabaseName": "historical", "Name": "cards"}})
    athena, ended = lake.ask("named", "SELECT payment_id FROM cards ORDER BY 1 LIMIT 1")
    written = aws.client("s3", lake.other).list_objects_v2(Bucket="own")["Contents"]
    aws.restart()
    rows = athena.get_query_results(QueryExecutionId=ended["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1] == {"Data": [{"VarCharValue": "a"}]}
    again = athena.get_query_execution(QueryExecutionId=ended["QueryExecutionId"])["QueryExecution"]
    assert json.dumps(again, default=str) == json.dumps(ended, default=str)
    assert aws.client("s3", lake.other).list_objects_v2(Bucket="own")["Contents"] == written


BY_NAME = """
import sys
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

ended = getResolvedOptions(sys.argv, ["JOB_NAME", "output"])
rows = SparkSession.builder.getOrCreate().table("lake.cards")
rows.filter("amount > 2").write.parquet(ended["output"])
"""


def run_by_name(lake: Lake, role: str) -> str:
    """Runs a job with this role, which copies the table, and returns the state of the run."""
    s3, glue = lake.aws.client("s3", lake.other), lake.aws.client("glue", lake.other)
    s3.put_object(Bucket="own", Key="script.py", Body=BY_NAME.encode())
    lake.aws.role(role, "glue", lake.other)
    command = {"Name": "glueetl", "ScriptLocation": "s3://own/script.py", "PythonVersion": "3"}
    ended = {"--enable-glue-datacatalog": "true", "--output": f"s3://own/{role}/"}
    glue.create_job(Name=role, Role=lake.role(role), Command=command, GlueVersion="5.0", DefaultArguments=ended)
    run = {"JobName": role, "RunId": glue.start_job_run(JobName=role)["JobRunId"]}

    def look() -> str:
        state = str(glue.get_job_run(**run)["JobRun"]["JobRunState"])
        return state if state not in ("WAITING", "RUNNING") else ""

    return eventually(look)


def test_a_job_finds_the_tables_that_its_role_may_read(lake: Lake) -> None:
    undescribed = {"Name": "to-be-described", "StorageDescriptor": {"Location": "s3://own/nothing/"}}
    own = lake.aws.client("glue", lake.other)
    own.create_database(DatabaseInput={"Name": "own"})
    own.create_table(DatabaseName="own", TableInput=undescribed)
    assert run_by_name(lake, "anonymised") == "SUCCEEDED"
    s3 = lake.aws.client("s3", lake.other)
    (found,) = s3.list_objects_v2(Bucket="own", Prefix="anonymised/")["Contents"]
    body = s3.get_object(Bucket="own", Key=found["Key"])["Body"].read()
    rows = pyarrow.parquet.read_table(BytesIO(body)).to_pylist()
    assert [{**row, "amount": str(row["amount"]), "day": str(row["day"])} for row in rows] == [
        {"amount": "3.00", "day": "2026-01-02"}
    ]


def test_a_job_whose_role_was_granted_nothing_finds_no_table(lake: Lake) -> None:
    assert run_by_name(lake, "elsewhere") == "FAILED"
