"""Queries the data lake with Athena and keeps the answer as the input of the build."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3

from shared_libraries.arguments import add_path
from shared_libraries.tables import FILE, read_table

POLL_SECONDS = 0.5


class QueryError(Exception):
    """Athena did not answer the query."""


def location_of_answer(athena: Any, query: str, database: str, workgroup: str) -> str:
    """Runs a query and returns the URI of its answer. The workgroup decides where answers are kept and encrypted.

    Raises QueryError with Athena's reason.
    """
    started = athena.start_query_execution(
        QueryString=query, QueryExecutionContext={"Database": database}, WorkGroup=workgroup
    )
    while True:
        execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
        status = execution["Status"]
        if status["State"] == "SUCCEEDED":
            return str(execution["ResultConfiguration"]["OutputLocation"])
        if status["State"] in ("FAILED", "CANCELLED"):
            raise QueryError(f"Athena: {status.get('StateChangeReason', status['State'])}")
        time.sleep(POLL_SECONDS)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="get_data", description=__doc__)
    parser.add_argument("--query", required=True, help="SELECT statement")
    parser.add_argument("--database", required=True)
    parser.add_argument("--workgroup", required=True)
    add_path(parser, "output", "folder for the answer")
    given = parser.parse_args(words)
    location = location_of_answer(boto3.client("athena"), given.query, given.database, given.workgroup)
    bucket, _, key = location.removeprefix("s3://").partition("/")
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    boto3.client("s3").download_file(bucket, key, str(output / FILE))
    print(f"rows: {len(read_table(output))}")


if __name__ == "__main__":
    main()
