import re

import pytest

from components.audit.trail.trail_library import TrailLibrary, TrailLibraryArgs
from components.audit.trail.trail_queries import SAVED_QUERIES
from components.audit.trail.trail_table import COLUMNS, PARTITIONS
from selfservice.reports.audit.printing import OPTIONS
from selfservice.reports.audit.questions import FIELDS, Question
from settings.data.ml_layout import Build, InputHistory
from settings.types.build_id import branch_folder
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, KEY, ORGANIZATION

HISTORY = ("builds-of-a-use-case", "origin-of-a-model-version")
"""Saved queries from a day that the caller chooses."""
OF_A_WEEK = [question for question in SAVED_QUERIES if question.name not in HISTORY]
TABLE = "aws:glue/catalogTable:CatalogTable"
WORDS = {
    "and", "array_agg", "array_join", "as", "by", "concat", "count", "current_date", "date_format", "day",
    "desc", "distinct", "from", "group", "in", "interval", "is", "join", "json_extract_scalar", "like", "max",
    "min", "not", "null", "on", "or", "order", "regexp_extract", "regexp_like", "select", "strpos", "where",
    "with",
}  # fmt: skip
"""SQL keywords used by the saved queries, and functions of Athena's engine."""


def library(**changes):
    args = {
        "account_id": ACCOUNT,
        "organization_id": ORGANIZATION,
        "log_bucket_name": "archive",
        "results_bucket_name": "answers",
        "access_log_bucket_name": "logs",
        "key_arn": KEY,
        "regions": ["eu-west-1", "us-east-1"],
        "retention_days": 2557,
    } | changes
    return TrailLibrary("library", TrailLibraryArgs(**args))


def fields_of(type_):
    """Returns the names of a struct's members at all levels."""
    return set(re.findall(r"(\w+):", type_))


def paths_in(sql):
    """Returns the column paths of a query, without keywords, literals, aliases and the table."""
    bare = re.sub(r"'[^']*'", "", sql)
    given = {word.lower() for word in re.findall(r"\bAS\s+(\w+)|(?:WITH|,)\s+(\w+) AS \(", bare) for word in word}
    return {path.lower() for path in re.findall(r"[A-Za-z_][\w.]*", bare)} - WORDS - given - {"audit.trail"}


@pytest.mark.requirement("AUD-01.a")
@pytest.mark.parametrize("question", SAVED_QUERIES, ids=lambda question: question.name)
def test_a_saved_query_uses_only_columns_of_the_table(question):
    for path in paths_in(question.sql):
        column, *members = path.split(".")
        assert column in COLUMNS or column in PARTITIONS, path
        assert set(members) <= fields_of(COLUMNS.get(column, "")), path


@pytest.mark.parametrize("question", OF_A_WEEK, ids=lambda question: question.name)
def test_a_saved_query_filters_by_account_and_reads_at_most_a_week(question):
    assert question.sql.count("?") == 1
    assert "account = ?" in question.sql
    assert "day >= date_format(current_date - INTERVAL '7' DAY, '%Y/%m/%d')" in question.sql


@pytest.mark.requirement("S3-06.a")
@pytest.mark.parametrize("name", HISTORY)
def test_a_saved_query_about_history_filters_by_account_and_first_day(name):
    (question,) = [question for question in SAVED_QUERIES if question.name == name]
    asked = re.sub(r"'[^']*'", "''", question.sql)
    assert re.findall(r"(\w+) (?:>=|=) \?", asked)[:2] == ["account", "day"]
    assert asked.count("?") == 3
    assert asked.count("audit.trail") == 1


@pytest.mark.parametrize("question", SAVED_QUERIES, ids=lambda question: question.name)
def test_the_command_and_the_portal_know_each_value_that_a_saved_query_asks_for(question):
    fields = Question(name=question.name, description=question.description, sql=question.sql).fields
    assert len(fields) == re.sub(r"'[^']*'", "''", question.sql).count("?")
    assert set(fields) <= set(FIELDS) == set(OPTIONS)


def sought(name):
    """Returns the pattern with which a query matches the key of a build."""
    (question,) = [question for question in SAVED_QUERIES if question.name == name]
    (pattern,) = set(re.findall(r"regexp_\w+\(object, '([^']*)'", question.sql))
    return pattern


@pytest.mark.requirement("S3-06.a")
@pytest.mark.parametrize("name", HISTORY)
def test_a_saved_query_about_builds_parses_the_keys_of_the_layout(name):
    build = Build(use_case="scoring", build_id="20220621T101500-1a2b3c4", branch=branch_folder("feature/x"))
    for part in (build.code(), build.input(), build.outputs("train")):
        found = re.search(sought(name), part.key("a/b.csv"))
        assert found.groups() == ("scoring", build.branch, build.build_id, part.part, "a/b.csv")
    assert re.search(sought(name), InputHistory(use_case="scoring").key("a.csv")) is None


def test_common_audit_questions_have_saved_queries():
    recorder = deploy(library)
    asked = {q.inputs["name"]: q.inputs for q in recorder.all("aws:athena/namedQuery:NamedQuery")}
    of_a_week = {"changes-last-week", "guardrail-denials", "root-use", "roles-assumed", "policy-changes"}
    assert set(asked) == {*of_a_week, *HISTORY}
    workgroup = recorder.one("aws:athena/workgroup:Workgroup").inputs["name"]
    database = recorder.one("aws:glue/catalogDatabase:CatalogDatabase").inputs["name"]
    assert {(q["workgroup"], q["database"]) for q in asked.values()} == {(workgroup, database)}
    assert database == "audit"


@pytest.mark.requirement("AUD-01.a")
def test_the_table_is_at_the_delivery_location_and_projects_its_partitions():
    table = deploy(library).one(TABLE).inputs
    folder = f"s3://archive/AWSLogs/{ORGANIZATION}/"
    assert table["storageDescriptor"]["location"] == folder
    assert table["parameters"]["storage.location.template"] == folder + "${account}/CloudTrail/${region}/${day}"
    assert table["parameters"]["projection.region.values"] == "eu-west-1,us-east-1"
    assert table["parameters"]["projection.day.range"] == "NOW-2557DAYS,NOW"


def test_the_table_lists_no_accounts_so_that_a_new_team_does_not_change_it():
    table = deploy(library).one(TABLE).inputs
    assert table["parameters"]["projection.account.type"] == "injected"
    assert "projection.account.values" not in table["parameters"]
    assert [key["name"] for key in table["partitionKeys"]] == list(PARTITIONS)


def test_the_workgroup_is_deleted_with_its_query_history():
    assert deploy(library).one("aws:athena/workgroup:Workgroup").inputs["forceDestroy"] is True


def test_query_results_are_encrypted_whatever_the_client_sets_and_expire():
    recorder = deploy(library)
    configuration = recorder.one("aws:athena/workgroup:Workgroup").inputs["configuration"]
    result = configuration["resultConfiguration"]
    assert configuration["enforceWorkgroupConfiguration"] is True
    assert result["encryptionConfiguration"] == {"encryptionOption": "SSE_KMS", "kmsKeyArn": KEY}
    assert (result["outputLocation"], result["expectedBucketOwner"]) == ("s3://answers/", ACCOUNT)
    (rule,) = recorder.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"]
    assert rule["expiration"] == {"days": 90}


def test_a_preview_with_unknowns_registers_the_same_resources():
    assert {r.urn for r in deploy(library, preview=True)} == {r.urn for r in deploy(library)}
