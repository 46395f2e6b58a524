"""The service under test, and the sample that is sent to it."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from predict.contract import Contract, read_contract
from shared_libraries.calls import API, ENDPOINT, MODEL, Answer, Call, call_from

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


def _typed(text: str, kind: str) -> Any:
    if text == "":
        return None
    return {"integer": int, "number": float, "string": str}[kind](text)
