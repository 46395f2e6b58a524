"""A person's path, end to end: data lands, is made a dataset, is shared, asked, copied and learnt from, and features of
it are filled and read, in the name of a data scientist in experimentation. A team that it was not shared with gets
nothing.

The data are the measured breast masses of Wisconsin, which scikit-learn ships.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pandas
import pyarrow.parquet
import pytest
from botocore.exceptions import ClientError
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from plinth_sandbox.waiting import eventually
from settings.data.ml_layout import Build
from settings.types.build_id import build_id_of
from tests.support.running import answer, ask, run_job
from tests.support.workbench import Workbench

GROUP = "features--mass-measures"
MEASURES = ("mean_radius", "mean_texture", "mean_perimeter", "mean_area", "mean_smoothness", "mean_concavity")
UNDECIDED = 69
"""Masses whose finding is left out, as if it were not known yet: what is inferred from."""
BENIGN = "CAST(NOT malignant AS integer) AS benign"
"""The column that the template's classification learns."""
BEN = ("fraud-experimentation", "fraud-experimentation-studio-ben")
CHLOE = ("churn-experimentation", "churn-experimentation-studio-chloe")


def train_from(acme: Workbench, tooling: str, database: str, query: str) -> str:
    """Commits another data source to the build repository, and returns the commit, which starts a build."""
    codecommit, name = acme.client("codecommit", tooling), "fraud--scoring-build"
    path = "ml_pipelines/training/input.json"
    settings = json.loads(codecommit.get_file(repositoryName=name, filePath=path)["fileContent"])
    settings["data"] = {**settings["data"], "source": "athena", "database": database, "query": query}
    settings["gates"] = [{"metric": "f1", "at_least": 0.8}]
    parent = codecommit.get_branch(repositoryName=name, branchName="main")["branch"]["commitId"]
    file = {"filePath": path, "fileContent": json.dumps(settings, indent=2).encode()}
    return str(
        codecommit.create_commit(repositoryName=name, branchName="main", parentCommitId=parent, putFiles=[file])[
            "commitId"
        ]
    )


def build_of(acme: Workbench, tooling: str, commit: str) -> dict[str, Any]:
    """Returns the build of a commit once it has ended."""
    codebuild, project = acme.client("codebuild", tooling), acme.outputs("fraud--scoring")["build_project"]

    def look() -> list[dict[str, Any]]:
        ids = codebuild.list_builds_for_project(projectName=project)["ids"]
        builds = codebuild.batch_get_builds(ids=ids)["builds"]
        return [dict(build) for build in builds if build["sourceVersion"] == commit and build["buildComplete"]]

    return eventually(look)[0]


@pytest.fixture(scope="module")
def masses() -> pandas.DataFrame:
    found = load_breast_cancer(as_frame=True)
    rows = found.data.rename(columns=lambda name: name.replace(" ", "_"))[[*MEASURES]].copy()
    rows.insert(0, "sample", [f"s-{number}" for number in range(len(rows))])
    # In scikit-learn 0 is malignant.
    rows["malignant"] = found.target == 0
    return rows


@pytest.fixture(scope="module")
def shared(acme: Workbench, masses: pandas.DataFrame) -> Workbench:
    """The dataset is filled; the group, a test fills."""
    lake = acme.outputs("data-lake")
    land(acme, lake, masses)
    run_job(acme, lake["account_id"], "lake-tumours")
    return acme


def land(acme: Workbench, lake: dict[str, Any], masses: pandas.DataFrame) -> None:
    """One drop with findings, one without, and one that was sent twice."""
    s3, bucket = acme.client("s3", lake["account_id"]), lake["zone_buckets"]["landing"]
    decided, open_ = masses[:-UNDECIDED], masses[-UNDECIDED:].drop(columns="malignant")
    for name, rows in (("a", decided), ("b", open_), ("b-again", open_)):
        body = rows.to_json(orient="records", lines=True)
        s3.put_object(Bucket=bucket, Key=f"tumours/{name}.json", Body=body.encode())


@pytest.mark.requirement("DL-01", "DL-04", "DL-08.a", "DL-09.a")
def test_what_landed_is_a_dataset_with_its_two_parts(shared: Workbench, masses: pandas.DataFrame) -> None:
    role = ("fraud-development", "fraud-development-execution")
    for part, rows in (("historical", len(masses) - UNDECIDED), ("inference", UNDECIDED)):
        assert answer(shared, *role, f"SELECT count(*) AS n FROM lake_{part}.tumours") == [["n"], [str(rows)]]


@pytest.mark.requirement("DL-14.c")
def test_the_lake_says_when_it_was_made(shared: Workbench) -> None:
    (told,) = json.loads(shared.plinth("data", "freshness", "tumours", "--json").stdout)["datasets"]
    assert (told["by"], told["last_run"]) == ("lake-tumours", "SUCCEEDED")
    assert datetime.now(UTC) - datetime.fromisoformat(told["last_made"]) < timedelta(hours=2)


@pytest.mark.requirement("EXP-04.a", "DL-07.a", "DL-07.b", "EXP-06.a", "DL-03.a")
def test_a_data_scientist_reads_the_anonymised_variant_and_not_whose_it_is(
    shared: Workbench, masses: pandas.DataFrame
) -> None:
    header, *rows = answer(shared, *BEN, "SELECT * FROM lake_historical.tumours")
    assert header == [*MEASURES, "malignant"]
    decided = masses[:-UNDECIDED]
    assert sorted(float(row[0] or 0) for row in rows) == sorted(decided["mean_radius"])
    _, told = ask(shared, *BEN, "SELECT sample FROM lake_historical.tumours")
    assert told["Status"]["State"] == "FAILED"
    # What models infer from is not for experiments.
    _, told = ask(shared, *BEN, "SELECT * FROM lake_inference.tumours")
    assert told["Status"]["State"] == "FAILED"


@pytest.mark.requirement("EXP-03.b")
def test_a_snapshot_of_the_lake_is_taken_and_learnt_from(shared: Workbench, masses: pandas.DataFrame) -> None:
    home = shared.outputs("fraud-experimentation-studio")
    folder = "users/ben/tumours/"
    query = f"UNLOAD (SELECT * FROM lake_historical.tumours) TO 's3://{home['bucket_name']}/{folder}' "
    _, told = ask(shared, *BEN, query + "WITH (format = 'PARQUET')")
    assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
    s3 = shared.client("s3", home["account_id"], role=f"plinth/{BEN[1]}")
    (taken,) = s3.list_objects_v2(Bucket=home["bucket_name"], Prefix=folder)["Contents"]
    body = s3.get_object(Bucket=home["bucket_name"], Key=taken["Key"])["Body"].read()
    snapshot = pyarrow.parquet.read_table(BytesIO(body)).to_pandas()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(snapshot[[*MEASURES]], snapshot["malignant"])
    unseen = masses[-UNDECIDED:]
    assert model.score(unseen[[*MEASURES]], unseen["malignant"]) > 0.85


@pytest.mark.requirement("INT-01.a", "DEV-04.a", "DEV-04.b", "AMB-08.b")
def test_a_run_in_development_begins_with_what_it_pulls_into_the_input_of_its_build(
    shared: Workbench, masses: pandas.DataFrame
) -> None:
    development, jobs = shared.outputs("fraud-development"), "fraud-development-execution"
    build = Build(use_case="scoring", build_id=build_id_of(datetime.now(UTC), "0123abc4"))
    place = f"s3://{development['bucket_name']}/{build.input().prefix}"
    query = f"UNLOAD (SELECT * FROM lake_inference.tumours) TO '{place}' WITH (format = 'PARQUET')"
    _, told = ask(shared, "fraud-development", jobs, query)
    assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
    s3 = shared.client("s3", development["account_id"], role=f"plinth/{jobs}")
    (pulled,) = s3.list_objects_v2(Bucket=development["bucket_name"], Prefix=build.input().prefix)["Contents"]
    found = s3.get_object(Bucket=development["bucket_name"], Key=pulled["Key"])
    assert found["SSEKMSKeyId"] == development["key_arn"]
    rows = pyarrow.parquet.read_table(BytesIO(found["Body"].read())).to_pandas()
    assert sorted(rows["sample"]) == sorted(masses["sample"][-UNDECIDED:])


@pytest.mark.requirement("FS-02.a")
def test_features_are_filled_in_production_and_read_where_models_are_made(
    shared: Workbench, masses: pandas.DataFrame
) -> None:
    arn = shared.outputs(GROUP)["arn"]
    production = shared.outputs("fraud-production")["account_id"]
    store = shared.client("sagemaker-featurestore-runtime", production, role="plinth/fraud-production-execution")
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for row in masses[:3].itertuples():
        values = {"sample": row.sample, "measured_at": now, "mean_radius": row.mean_radius}
        record = [{"FeatureName": name, "ValueAsString": str(value)} for name, value in values.items()]
        store.put_record(FeatureGroupName=arn, Record=record)
    online = store.get_record(FeatureGroupName=arn, RecordIdentifierValueAsString="s-1", FeatureNames=["mean_radius"])
    assert float(online["Record"][0]["ValueAsString"]) == masses["mean_radius"][1]
    _, *offline = answer(shared, *BEN, "SELECT mean_radius FROM lake_features.mass_measures WHERE NOT is_deleted")
    assert sorted(float(row[0] or 0) for row in offline) == sorted(masses["mean_radius"][:3])


@pytest.mark.requirement("EXP-04.a", "DL-06.c", "PER-03.d")
@pytest.mark.parametrize(("link", "table"), [("lake_historical", "tumours"), ("lake_features", "mass_measures")])
def test_a_team_that_it_was_not_shared_with_is_refused(shared: Workbench, link: str, table: str) -> None:
    _, told = ask(shared, *CHLOE, f"SELECT mean_radius FROM {link}.{table}")
    assert told["Status"]["State"] == "FAILED"
    assert f"Insufficient Lake Formation permission(s) on {table}" in told["Status"]["StateChangeReason"]


@pytest.mark.requirement("FS-01")
def test_nor_does_it_reach_the_features_online(shared: Workbench) -> None:
    store = shared.client(
        "sagemaker-featurestore-runtime", shared.outputs(CHLOE[0])["account_id"], role=f"plinth/{CHLOE[1]}"
    )
    with pytest.raises(ClientError) as refused:
        store.get_record(FeatureGroupName=shared.outputs(GROUP)["arn"], RecordIdentifierValueAsString="s-1")
    assert refused.value.response["Error"]["Code"] == "AccessForbidden"


@pytest.mark.requirement("DEV-04.a", "DEV-05.a", "TOOL-02.a", "TR-02.a")
def test_a_pipeline_of_a_use_case_trains_with_a_table_that_is_shared_with_development(shared: Workbench) -> None:
    """The data source ``athena`` of a project: its job queries with the role of the use case's pipelines."""
    tooling = shared.outputs("tooling")["account_id"]
    commit = train_from(shared, tooling, "lake_historical", f"SELECT {', '.join(MEASURES)}, {BENIGN} FROM tumours")
    build = build_of(shared, tooling, commit)
    assert build["buildStatus"] == "SUCCEEDED", build["phases"]
    registry = shared.client("sagemaker", tooling)
    group = {"ModelPackageGroupName": "fraud--scoring-main", "SortBy": "CreationTime", "SortOrder": "Descending"}
    newest = registry.list_model_packages(**group)["ModelPackageSummaryList"][0]["ModelPackageArn"]
    known = registry.describe_model_package(ModelPackageName=newest)["CustomerMetadataProperties"]
    assert (known["commit"], known["data_source"]) == (commit, "athena lake_historical.tumours")


def test_a_pipeline_reads_no_table_that_is_not_shared_with_its_team(shared: Workbench) -> None:
    role = ("fraud-development", "fraud--scoring-dev-pipeline")
    _, told = ask(shared, *role, "SELECT * FROM lake_historical.contracts")
    assert told["Status"]["State"] == "FAILED"
