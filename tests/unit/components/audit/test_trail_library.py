import re

import pytest

from components.audit.trail.trail_library import TrailLibrary, TrailLibraryArgs
from components.audit.trail.trail_queries import SAVED_QUERIES
from components.audit.trail.trail_table import COLUMNS, PARTITIONS
from settings.data.ml_layout import Build, InputHistory
from settings.types.build_id import branch_folder
from tests.support.recorder import deploy
from tests.unit.components.places import ACCOUNT, KEY, ORGANIZATION

HISTORY = ("builds-of-a-use-case", "origin-of-a-model-version")
"""Questions that reach back to a day that the asker names."""
OF_A_WEEK = [question for question in SAVED_QUERIES if question.name not in HISTORY]
TABLE = "aws:glue/catalogTable:CatalogTable"
WORDS = {
    "and", "array_agg", "array_join", "as", "by", "concat", "count", "current_date", "date_format", "day",
    "desc", "distinct", "from", "group", "in", "interval", "is", "join", "json_extract_scalar", "like", "max",
    "min", "not", "null", "on", "or", "order", "regexp_extract", "regexp_like", "select", "strpos", "where",
    "with",
}  # fmt: skip
"""Words of SQL that the questions use, and functions of Athena's engine."""


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
    """Names of a structure's members, however deep."""
    return set(re.findall(r"(\w+):", type_))


def paths_in(sql):
    """What a question names that is neither a word of SQL, a text, a name that it gives, nor the table."""
    bare = re.sub(r"'[^']*'", "", sql)
    given = {word.lower() for word in re.findall(r"\bAS\s+(\w+)|(?:WITH|,)\s+(\w+) AS \(", bare) for word in word}
    return {path.lower() for path in re.findall(r"[A-Za-z_][\w.]*", bare)} - WORDS - given - {"audit.trail"}


@pytest.mark.requirement("AUD-01")
@pytest.mark.parametrize("question", SAVED_QUERIES, ids=lambda question: question.name)
def test_a_question_names_only_what_the_table_has(question):
    for path in paths_in(question.sql):
        column, *members = path.split(".")
        assert column in COLUMNS or column in PARTITIONS, path
        assert set(members) <= fields_of(COLUMNS.get(column, "")), path


@pytest.mark.parametrize("question", OF_A_WEEK, ids=lambda question: question.name)
def test_a_question_asks_for_the_account_and_reads_no_more_than_a_week(question):
    assert question.sql.count("?") == 1
    assert "account = ?" in question.sql
    assert "day >= date_format(current_date - INTERVAL '7' DAY, '%Y/%m/%d')" in question.sql


@pytest.mark.requirement("S3-06")
@pytest.mark.parametrize("name", HISTORY)
def test_a_question_about_history_asks_for_the_account_and_the_day_first_and_reads_no_other_account(name):
    (question,) = [question for question in SAVED_QUERIES if question.name == name]
    asked = re.sub(r"'[^']*'", "''", question.sql)
    assert re.findall(r"(\w+) (?:>=|=) \?", asked)[:2] == ["account", "day"]
    assert asked.count("?") == 3
    assert asked.count("audit.trail") == 1


def sought(name):
    """The pattern of a build's key as a question writes it."""
    (question,) = [question for question in SAVED_QUERIES if question.name == name]
    (pattern,) = set(re.findall(r"regexp_\w+\(object, '([^']*)'", question.sql))
    return pattern


@pytest.mark.requirement("S3-06")
@pytest.mark.parametrize("name", HISTORY)
def test_a_question_about_builds_finds_the_parts_of_the_layouts_keys(name):
    build = Build(use_case="scoring", build_id="20220621T101500-1a2b3c4", branch=branch_folder("feature/x"))
    for part in (build.code(), build.input(), build.outputs("train")):
        found = re.search(sought(name), part.key("a/b.csv"))
        assert found.groups() == ("scoring", build.branch, build.build_id, part.part, "a/b.csv")
    assert re.search(sought(name), InputHistory(use_case="scoring").key("a.csv")) is None


def test_what_auditors_ask_most_is_ready():
    recorder = deploy(library)
    asked = {q.inputs["name"]: q.inputs for q in recorder.all("aws:athena/namedQuery:NamedQuery")}
    of_a_week = {"changes-last-week", "guardrail-denials", "root-use", "roles-assumed", "policy-changes"}
    assert set(asked) == {*of_a_week, *HISTORY}
    workgroup = recorder.one("aws:athena/workgroup:Workgroup").inputs["name"]
    database = recorder.one("aws:glue/catalogDatabase:CatalogDatabase").inputs["name"]
    assert {(q["workgroup"], q["database"]) for q in asked.values()} == {(workgroup, database)}
    assert database == "audit"


@pytest.mark.requirement("AUD-01")
def test_the_table_lies_where_the_trail_delivers_and_finds_its_partitions_by_itself():
    table = deploy(library).one(TABLE).inputs
    folder = f"s3://archive/AWSLogs/{ORGANIZATION}/"
    assert table["storageDescriptor"]["location"] == folder
    assert table["parameters"]["storage.location.template"] == folder + "${account}/CloudTrail/${region}/${day}"
    assert table["parameters"]["projection.region.values"] == "eu-west-1,us-east-1"
    assert table["parameters"]["projection.day.range"] == "NOW-2557DAYS,NOW"


def test_no_account_is_listed_so_that_a_new_team_changes_nothing_here():
    table = deploy(library).one(TABLE).inputs
    assert table["parameters"]["projection.account.type"] == "injected"
    assert "projection.account.values" not in table["parameters"]
    assert [key["name"] for key in table["partitionKeys"]] == list(PARTITIONS)


def test_answers_are_encrypted_whatever_the_asker_sets_and_expire():
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
