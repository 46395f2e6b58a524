"""The library of the trail in an emulated account: its saved questions, and a table with a few calls."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pyarrow
import pyarrow.parquet

from components.audit.trail.trail_queries import SAVED_QUERIES
from plinth_sandbox.testing import REGION, EmulatedAws
from settings.organization.audit import TRAIL_LIBRARY

ANSWERS, ARCHIVE = "acme-audit-answers-1", "acme-logs-1"
ACCOUNT = "222222222222"
"""Account whose calls the trail has."""
REFUSED = "explicit deny in a service control policy <script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}"
_IDENTITY = "struct<arn:string,invokedby:string,sessioncontext:struct<sourceidentity:string>,type:string>"
_COLUMNS = {
    "useridentity": _IDENTITY,
    **dict.fromkeys(
        ("eventtime", "eventsource", "eventname", "sourceipaddress", "errorcode", "errormessage", "requestparameters",
         "responseelements", "readonly", "eventtype"),
        "string",
    ),
}  # fmt: skip
"""The columns that the questions read. tests/unit/components/audit compares them with those of the deployed table."""
_KEYS = ("account", "region", "day")


def deploy_trail(aws: EmulatedAws, account: str) -> None:
    """Creates what the stack ``audit`` creates for questions, with two calls of today that a guardrail refused."""
    s3, glue, athena = (aws.client(name, account) for name in ("s3", "glue", "athena"))
    for bucket in (ANSWERS, ARCHIVE):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    results = {"OutputLocation": f"s3://{ANSWERS}/"}
    configuration = {"EnforceWorkGroupConfiguration": True, "ResultConfiguration": results}
    athena.create_work_group(Name=TRAIL_LIBRARY, Configuration=configuration)
    for saved_query in SAVED_QUERIES:
        athena.create_named_query(
            Name=saved_query.name,
            Description=saved_query.description,
            Database=TRAIL_LIBRARY,
            QueryString=saved_query.sql,
            WorkGroup=TRAIL_LIBRARY,
        )
    glue.create_database(DatabaseInput={"Name": TRAIL_LIBRARY})
    described = {
        "Columns": [{"Name": name, "Type": type_} for name, type_ in _COLUMNS.items()],
        "Location": f"s3://{ARCHIVE}/trail/",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
    }
    keys = [{"Name": name, "Type": "string"} for name in _KEYS]
    table = {"Name": "trail", "PartitionKeys": keys, "StorageDescriptor": described}
    glue.create_table(DatabaseName=TRAIL_LIBRARY, TableInput=table)
    day = f"{datetime.now(UTC):%Y/%m/%d}"
    body = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([_call("eve"), _call("mallory")]), body)
    key = f"trail/{ACCOUNT}/{day}/1.parquet"
    s3.put_object(Bucket=ARCHIVE, Key=key, Body=body.getvalue())
    place = {"Location": f"s3://{ARCHIVE}/{key.rpartition('/')[0]}/"}
    new = {"Values": [ACCOUNT, REGION, day], "StorageDescriptor": place}
    glue.create_partition(DatabaseName=TRAIL_LIBRARY, TableName="trail", PartitionInput=new)


def _call(user: str) -> dict[str, Any]:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/scientist/{user}"
    identity = {"arn": arn, "invokedby": "", "sessioncontext": {"sourceidentity": user}, "type": "AssumedRole"}
    told = {"eventname": "DeleteTrail", "errorcode": "AccessDenied", "errormessage": REFUSED, "eventtime": "2026-11-29"}
    return {**dict.fromkeys(_COLUMNS, ""), **told, "useridentity": identity}
