"""The retrainings of the use case of the example, and served models that are easy to beat."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.promotions import GROUP, USE_CASE, Promotions, with_file

MODEL, TARGET = "model.joblib", "benign"
WEAK_COLUMN = "mean_compactness"
"""A column whose correlation with the target is about 0.6."""
GUESS = """
import sys, joblib
from sklearn.dummy import DummyClassifier
joblib.dump(DummyClassifier(strategy="stratified", random_state=0).fit([[0], [1]], [0, 1]), sys.argv[1])
"""
WEAK = """
import sys, joblib, pandas
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier
file, data, column, target = sys.argv[1:]
sample = pandas.read_csv(data)
columns = ColumnTransformer([("one", "passthrough", [column])])
model = Pipeline([("columns", columns), ("tree", DecisionTreeClassifier(max_depth=1, random_state=0))])
joblib.dump(model.fit(sample.drop(columns=target), sample[target]), file)
"""


def retrainings(promotions: Promotions) -> list[dict[str, Any]]:
    """Returns the records of retrainings, the oldest first."""
    s3, bucket = _registry(promotions)
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="fraud/scoring/retrainings/").get("Contents", [])
    return [json.loads(s3.get_object(Bucket=bucket, Key=object_["Key"])["Body"].read()) for object_ in listed]


def ended_retraining(promotions: Promotions, number: int) -> dict[str, Any]:
    """Returns the record of a retraining once it has ended."""

    def look() -> dict[str, Any] | None:
        found = [
            retraining
            for retraining in retrainings(promotions)
            if retraining["number"] == number and retraining["outcome"] != "started"
        ]
        return found[0] if found else None

    return eventually(look, every_seconds=2)


def builds_that_train_again(promotions: Promotions) -> list[dict[str, Any]]:
    """Returns the builds that drift, a schedule or a person has started to train again, the newest first."""
    codebuild = promotions.acme.client("codebuild", promotions.tooling)
    ids = codebuild.list_builds_for_project(projectName=f"{USE_CASE}-build")["ids"]
    builds = codebuild.batch_get_builds(ids=ids)["builds"]
    return [build for build in builds if variables_of(build).get("TASK") == "retrain"]


def new_build_that_trains_again(promotions: Promotions, before: Collection[str]) -> dict[str, Any]:
    """Returns the only build that has started to train again and whose id is not among those ``before``."""

    def look() -> list[dict[str, Any]]:
        return [build for build in builds_that_train_again(promotions) if build["id"] not in before]

    (build,) = eventually(look, every_seconds=2)
    return build


def variables_of(build: dict[str, Any]) -> dict[str, str]:
    return {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in build["environment"]["environmentVariables"]
    }


def versions(promotions: Promotions) -> dict[int, str]:
    """Returns the approval status of each version of main."""
    sagemaker = promotions.acme.client("sagemaker", promotions.tooling)
    listed = sagemaker.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]
    return {model_package["ModelPackageVersion"]: model_package["ModelApprovalStatus"] for model_package in listed}


def register_guess(promotions: Promotions) -> int:
    """Registers a version that guesses, which no promotion accepts, and returns its number."""
    return _register(promotions, GUESS)


def register_weak_model(promotions: Promotions) -> int:
    """Registers a version that a promotion accepts and that is easy to beat: it looks at one column. Returns its
    number."""
    return _register(
        promotions, WEAK, str(promotions.deployment / "tests" / "data" / "sample.csv"), WEAK_COLUMN, TARGET
    )


def _register(promotions: Promotions, program: str, *words: str) -> int:
    """Registers a copy of version 1 with the model that a program writes, and returns its number.

    The program has a process of its own: a test may have loaded Pulumi, whose package dill changes how Python pickles.
    """
    version = promotions.register()
    with NamedTemporaryFile() as file:
        subprocess.run([sys.executable, "-c", program, file.name, *words], check=True)
        packed = Path(file.name).read_bytes()
    s3, _ = _registry(promotions)
    (container,) = promotions.version(version)["InferenceSpecification"]["Containers"]
    bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
    archive = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.put_object(Bucket=bucket, Key=key, Body=with_file(archive, MODEL, lambda _: packed))
    return version


def _registry(promotions: Promotions) -> tuple[Any, str]:
    return promotions.acme.client("s3", promotions.tooling), promotions.acme.outputs(USE_CASE)["artifact_bucket"]
