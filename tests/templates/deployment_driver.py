"""Exercises a generated deployment repository in one process of its environment, and prints what it found as JSON.

Usage: python deployment_driver.py <deployment repository> <code of the build template>. Importing the libraries of the
repository takes more processor time than all that is done here, so one process does everything.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

REMOVED = {
    "real-time": [
        "README.md",
        "inference_config",
        "inference_config/README.md",
        "inference_config/staging/inference_config.json",
        "inference_config/prod/inference_config.json",
        "app_infra/api_gateway",
        "app_infra/lambda/predict",
        "app_infra/lambda/predict/contract.json",
        "tests",
        "tests/README.md",
        "tests/integration_test",
        "tests/integration_test/test_*.py",
        "tests/stress_test/test_*.py",
        "tests/other_test/test_*.py",
        "app_infra/event_bridge",
        "app_infra/batch_inference",
        "CODEOWNERS",
    ],
    "batch": [
        "app_infra/batch_inference",
        "app_infra/batch_inference/ml-pipeline-inference.py",
        "app_infra/event_bridge",
        "app_infra/lambda/start_batch",
        "app_infra/api_gateway",
        "app_infra/lambda/predict",
    ],
}
"""Paths that are removed, one after another, from a repository of each kind."""
AT_ONCE = {"deployment.strategy": "all-at-once", "deployment.step_percentage": None}
PRODUCTION: dict[str, dict[str, Any]] = {
    "as generated": {},
    "one instance at first": {"instances": 1, "scaling.least": 1, **AT_ONCE},
    "scaling to one instance": {"scaling.least": 1},
    "no data capture": {"data_capture_percentage": 0, "monitoring": None},
    "all at once": AT_ONCE,
    "linear": {"deployment.strategy": "linear"},
    "no wait": {"deployment.bake_seconds": 0},
    "no alarms": {"deployment.alarms": []},
    "an alarm on errors alone": {"deployment.alarms": [{"metric": "Invocation5XXErrors", "above": 0, "minutes": 1}]},
}
"""Changes of the configuration of production."""
BATCH = {
    "kind": "batch",
    "instance": "ml.m5.large",
    "volume_gib": 30,
    "minutes": 60,
    "start": {"by": "arrival"},
}


def main(root: Path, code: Path) -> None:
    version = root / "build" / "version"
    version.mkdir(parents=True)
    sample = root / "tests" / "data" / "sample.csv"
    with contextlib.redirect_stdout(io.StringIO()):
        train(code, sample, version)
        sys.path[:0] = [str(root / "app_infra"), str(root / "app_infra" / "lambda")]
        os.chdir(root)
        found: dict[str, Any] = {
            "service": dict(service(root, version)),
            "contract": contract(version, sample),
            "batch_differs_by": batch_difference(root, version, sample),
            "production": production(root),
            "broken_contract": broken_contract(root),
            "structure": {"real-time": dict(structure(root, REMOVED["real-time"]))},
            "rendered": rendered(root),
        }
        configure(root, BATCH)
        found["structure"]["batch"] = dict(structure(root, REMOVED["batch"]))
    sys.stdout.write(json.dumps(found))


def train(code: Path, sample: Path, folder: Path) -> None:
    """Trains a model with the training step of the build template, as its pipeline does."""
    sys.path.insert(0, str(code))
    from training.train.__main__ import main as train_step

    for name in ("train", "validation"):
        (folder / name).mkdir()
        shutil.copy(sample, folder / name)
    settings = {"problem": "classification", "target": "benign", "seed": "42", "max_iter": "50"}
    (folder / "hyperparameters.json").write_text(json.dumps(settings))
    names = ("train", "validation", "model")
    words = [word for name in names for word in (f"--{name}", str(folder / name))]
    train_step([*words, "--hyperparameters", str(folder / "hyperparameters.json")])
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        for file in sorted((folder / "model").iterdir()):
            archive.add(file, file.name)
    # Both repositories have packages of the same names.
    sys.path.remove(str(code))
    packages = ("inference", "shared_libraries", "training")
    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        del sys.modules[name]


def service(root: Path, version: Path) -> Iterator[tuple[str, list[str]]]:
    """Yields the tests of the repository that fail, by the fault that was planted in the service."""
    import pytest
    from predict import handler
    from shared_libraries.archives import Model

    os.environ["MODEL_ARCHIVE"] = str(version / "model.tar.gz")
    predictions = Model.predictions
    every, valid = ["integration_test", "stress_test", "other_test"], ["integration_test", "other_test"]
    plants: dict[str, tuple[object, str, Callable[..., Any]]] = {
        "nothing": (Model, "predictions", predictions),
        "answers in another order": (Model, "predictions", lambda *given: predictions(*given)[::-1]),
        "shifted answers": (
            Model,
            "predictions",
            lambda *given: [min(1.0, prediction + 0.3) for prediction in predictions(*given)],
        ),
        "inverted answers": (
            Model,
            "predictions",
            lambda *given: [1 - prediction for prediction in predictions(*given)],
        ),
        "one answer for all": (Model, "predictions", lambda _, table: [0.6274] * len(table)),
        "no validation": (handler, "faults", lambda *_: []),
    }
    for name, (holder, attribute, planted) in plants.items():
        failed = Failed()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(holder, attribute, planted)
            # Predictions take most of the time. Edge cases do not depend on them.
            folders = every if name in ("nothing", "no validation") else valid
            # Reports of failures, which nobody reads here, take longer than the tests.
            words = ["--quiet", "-p", "no:cacheprovider", "--tb=no", "--assert=plain"]
            words += [str(root / "tests" / folder) for folder in folders]
            pytest.main(words, plugins=[failed])
        yield name, sorted(failed.names)


OF_A_RELEASE = ("test_events.py", "test_load.py")
"""Tests that need a release: something that answers events, or an endpoint with metrics."""


class Failed:
    """Plugin of pytest that collects the tests that do not pass, by folder."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.outcome != "passed" and not (report.skipped and Path(report.fspath).name in OF_A_RELEASE):
            folder, _, test = report.nodeid.removeprefix("tests/").partition("/")
            self.names.add(f"{folder}: {test.partition('::')[2].partition('[')[0]}")


def contract(version: Path, sample: Path) -> list[str]:
    """Returns how the contract of the template differs from the model that the build template trained."""
    import pandas as pd
    from predict.contract import read_contract
    from shared_libraries.statistics import constraints, statistics

    from plinth_project.deployment.contracts import contract_of, differences

    table = pd.read_csv(sample)
    for name, content in (("statistics", statistics(table)), ("constraints", constraints(table))):
        (version / f"{name}.json").write_text(json.dumps(content))
    return differences(read_contract(), contract_of(version, "1.0.0"))


def batch_difference(root: Path, version: Path, sample: Path) -> float:
    """Returns the greatest difference between predictions of what batch transform gets and of the API's handler."""
    import pandas as pd
    from batch_inference.prepare.__main__ import main as prepare
    from predict.contract import read_contract
    from shared_libraries.archives import load_model
    from shared_libraries.calls import call_from

    columns = list(read_contract().columns)
    (root / "build" / "input").mkdir()
    pd.read_csv(sample).head(50).to_csv(root / "build" / "input" / "data.csv", index=False)
    folders = {name: root / "build" / name for name in ("input", "features", "others")} | {"version": version}
    prepare([word for name, folder in folders.items() for word in (f"--{name}", str(folder))])
    model = load_model(version / "model.tar.gz")
    features = pd.read_csv(folders["features"] / "data.csv", header=None, index_col=0)
    features.columns = pd.Index(model.features)
    predicted = pd.Series(model.predictions(features))
    rows = pd.read_csv(sample).head(50)[columns].to_dict("records")
    call = call_from(os.environ)
    assert call is not None
    answered = call(json.dumps({"instances": rows}), "application/json").body["predictions"]
    return float((predicted - answered).abs().max())


def production(root: Path) -> dict[str, Any]:
    """Returns each changed configuration of production, and its faults."""
    from plinth_project.deployment.production import inference_faults

    file = root / "inference_config" / "prod" / "inference_config.json"
    generated, found = file.read_text(), {}
    for name, changes in PRODUCTION.items():
        inference = json.loads(generated)["inference"]
        for place, value in changes.items():
            *parents, last = place.split(".")
            holder = inference
            for parent in parents:
                holder = holder[parent]
            holder[last] = value
        file.write_text(json.dumps({"inference": inference}))
        found[name] = {"inference": inference, "faults": inference_faults(root)}
    file.write_text(generated)
    return found


def broken_contract(root: Path) -> list[str]:
    """Returns the faults of a contract that lacks a column of the one on main."""
    from plinth_project.deployment.checks import check_settings
    from plinth_project.deployment.compatibility import CONTRACT
    from plinth_project.documents import ProjectError

    author = ["-c", "user.name=Ana", "-c", "user.email=ana@acme.example"]
    for words in (["init", "--quiet", "--initial-branch", "main"], ["add", CONTRACT], ["commit", "--quiet", "-m", "1"]):
        subprocess.run(["git", *author, *words], cwd=root, check=True, capture_output=True)
    file = root / CONTRACT
    released = file.read_text()
    content = json.loads(released)
    row = content["request"]["properties"]["instances"]["items"]
    del row["properties"][row["required"].pop()]
    file.write_text(json.dumps(content))
    try:
        check_settings(root)
    except ProjectError as error:
        return list(error.faults)
    finally:
        file.write_text(released)
    return []


def rendered(root: Path) -> dict[str, str]:
    """Returns what the repository renders, by file."""
    from plinth_project.deployment.command import main as command

    command(root, ["render"])
    return {file.name: file.read_text() for file in (root / "build").glob("*.json")}


def configure(root: Path, inference: object) -> None:
    for environment in ("staging", "prod"):
        file = root / "inference_config" / environment / "inference_config.json"
        file.write_text(json.dumps({"inference": inference}))


def structure(root: Path, paths: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yields the faults of the structure check after each path was removed alone."""
    from plinth_project.deployment.checks import check_structure
    from plinth_project.documents import ProjectError

    def faults() -> list[str]:
        try:
            check_structure(root)
        except ProjectError as error:
            return list(error.faults)
        return []

    yield "nothing", faults()
    for path in paths:
        away = [(place, root / "build" / f"away-{number}") for number, place in enumerate(root.glob(path))]
        for place, elsewhere in away:
            place.rename(elsewhere)
        yield path, faults() if away else ["the generated repository does not contain it"]
        for place, elsewhere in away:
            elsewhere.rename(place)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
