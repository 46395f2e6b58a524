"""The service or the pipeline under test, and the sample that it predicts."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from plinth_project.deployment.events import REQUESTS
from plinth_project.deployment.foundation import ENVIRONMENTS, read_foundation
from plinth_project.deployment.inference import LoadTest, RealTime, read_inference
from plinth_project.deployment.runs import FUNCTION, Run, Runs, runs_of

from predict.contract import Contract, read_contract
from shared_libraries.calls import ANSWERS, API, ENDPOINT, MODEL, Answer, Ask, Call, ask_from, call_from

ROOT = Path(__file__).parents[1]
LOADED = "LOADED_ENDPOINT"
"""Variable: name of the endpoint behind the API, whose metrics a load test reads."""
SAMPLE = Path(__file__).parent / "data" / "sample.csv"
Row = dict[str, Any]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return read_contract()


@pytest.fixture(scope="session")
def call() -> Call:
    """Sends a body to the service. Tests are skipped if the environment names none."""
    found = call_from(os.environ)
    if found is None:
        pytest.skip(f"no service: set {API}, {ENDPOINT} or {MODEL}, or run ./project test --against local")
    return found


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Asks the service with an event. Tests are skipped if the environment names no queue for answers."""
    found = ask_from(os.environ, read_foundation(ROOT).event_source, ROOT / REQUESTS)
    if found is None:
        pytest.skip(f"no answers to events: set {ANSWERS}")
    return found


@pytest.fixture(scope="session")
def loaded_endpoint() -> str:
    """The endpoint behind the API. Tests are skipped if the environment names none."""
    if not (found := os.environ.get(LOADED)):
        pytest.skip(f"no endpoint with metrics: set {LOADED}")
    return found


@pytest.fixture(scope="session")
def load_test(loaded_endpoint: str) -> LoadTest:
    """The load that the environment of the endpoint has to bear. Tests are skipped if its configuration has none."""
    foundation = read_foundation(ROOT)
    (environment,) = (candidate for candidate in ENVIRONMENTS if foundation.prefix(candidate) == loaded_endpoint)
    inference = read_inference(ROOT, environment)
    if not isinstance(inference, RealTime) or inference.load_test is None:
        pytest.skip(f"no load_test in inference_config/{environment}")
    return inference.load_test


@pytest.fixture(scope="session")
def cloudwatch() -> Any:
    import boto3

    return boto3.client("cloudwatch")


@pytest.fixture(scope="session")
def predict(call: Call) -> Callable[[list[Row]], Answer]:
    """Sends rows to the service."""
    return lambda rows: call(json.dumps({"instances": rows}), "application/json")


@pytest.fixture(scope="session")
def labelled(contract: Contract) -> list[tuple[Row, float]]:
    """Rows of the sample in the contract's types, each with its true value."""

    def rows() -> Iterator[tuple[Row, float]]:
        with SAMPLE.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                row = {name: _typed(line[name], schema["type"]) for name, schema in contract.columns.items()}
                yield row, float(line[contract.target])

    return list(rows())


@pytest.fixture(scope="session")
def runs() -> Runs:
    """The pipeline of batch inference. Tests are skipped if the environment names none."""
    found = runs_of(os.environ, ROOT)
    if found is None:
        pytest.skip(f"no pipeline: set {FUNCTION}")
    return found


@pytest.fixture(scope="session")
def sample() -> list[dict[str, str]]:
    """Rows of the sample with their labels, as an input has them, each with an id."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return [{"id": f"row-{number}", **row} for number, row in enumerate(csv.DictReader(file))]


@pytest.fixture(scope="session")
def run(runs: Runs, sample: list[dict[str, str]]) -> Run:
    """A run that has predicted the sample."""
    return runs.run(sample)


def _typed(text: str, kind: str) -> Any:
    if text == "":
        return None
    return {"integer": int, "number": float, "string": str}[kind](text)
