"""``python -m plinth_sandbox.executors.glue``: runs a job once, with job input as JSON on standard input.

The run writes the data for later runs, such as the job bookmark, to ``left.json`` in its working directory.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from plinth_sandbox.executors import session
from plinth_sandbox.executors.job_input import read_job_input
from plinth_sandbox.executors.spark import spark
from plinth_sandbox.executors.tables import readable
from plinth_sandbox.s3_location import split

MODULES = Path(__file__).parent / "modules"
"""Folder of the libraries that Glue provides in addition to Spark."""


def main() -> None:
    run = read_job_input()
    readers = {table["location"]: table["reader"] for table in run["tables"] if table["reader"]}
    session.take(run["role"], "GlueJobRunnerSession", source_arn=run["job"], subnets=run["subnets"], readers=readers)
    script = _fetch(run["script"], Path("script.py"))
    sys.path[:0] = [*_library(run["arguments"]), str(MODULES)]
    sys.modules["pyspark.context"] = _spark_context()
    from awsglue.job import bookmark

    bookmark.read = run["bookmark"]
    bookmark.keeps = run["arguments"].get("--job-bookmark-option") == "job-bookmark-enable"
    bookmark.left = Path("left.json")
    sys.argv = [str(script), *(word for pair in run["arguments"].items() for word in pair)]
    with spark() as engine:
        _register_tables(engine, run["tables"])
        runpy.run_path(str(script), run_name="__main__")


def _library(arguments: Mapping[str, str]) -> Iterator[str]:
    """Yields the import paths for a job's libraries: a folder for modules, and archives (AWS Glue Developer Guide,
    "Using Python libraries with AWS Glue")."""
    folder = Path("library").absolute()
    yield str(folder)
    for location in filter(None, arguments.get("--extra-py-files", "").split(",")):
        if not location.endswith((".py", ".zip")):
            raise ValueError(f"--extra-py-files: {location} is neither a .py nor a .zip file")
        fetched = _fetch(location, folder / location.rpartition("/")[2])
        if fetched.suffix == ".zip":
            yield str(fetched)


def _register_tables(engine: SparkSession, tables: Sequence[Mapping[str, Any]]) -> None:
    """Registers the tables of the Glue Data Catalog by name. A table that cannot be read as rows fails only a job that
    uses it."""
    for number, table in enumerate(tables):
        name = f"`{table['database']}`.`{table['name']}`"
        engine.sql(f"CREATE DATABASE IF NOT EXISTS `{table['database']}`")
        try:
            readable(engine, table).createOrReplaceTempView(f"table_{number}")
            engine.sql(f"CREATE VIEW {name} AS SELECT * FROM table_{number}")
        except PySparkException as error:
            sys.stderr.write(f"{name} cannot be read: {error}\n")


def _fetch(location: str, to: Path) -> Path:
    bucket, key = split(location)
    to.parent.mkdir(exist_ok=True)
    to.write_bytes(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    return to


def _spark_context() -> ModuleType:
    """Returns a stand-in for ``pyspark.context``, which needs Java. Scripts only pass its ``SparkContext`` to
    ``GlueContext``."""
    module: Any = ModuleType("pyspark.context")

    class SparkContext:
        @classmethod
        def getOrCreate(cls) -> SparkContext:  # noqa: N802 (Spark's name)
            return cls()

    module.SparkContext = SparkContext
    return module  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
