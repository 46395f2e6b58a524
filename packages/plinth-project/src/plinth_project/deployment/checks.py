"""The checks of the repository. Laptops and continuous integration run the same ones."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from plinth_project.deployment.compatibility import compatibility_faults
from plinth_project.deployment.contract import CONTRACT, Contract, read_contract
from plinth_project.deployment.events import pattern_faults
from plinth_project.deployment.foundation import ENVIRONMENTS, read_foundation
from plinth_project.deployment.inference import RealTime, place_of, read_inference
from plinth_project.deployment.production import inference_faults
from plinth_project.deployment.structure import structure_faults
from plinth_project.documents import ProjectError
from plinth_project.tools import check_lint, check_tests, check_types

SAMPLE = "tests/data/sample.csv"


def check_structure(root: Path) -> None:
    """The repository has all files that its kind of inference needs (REPO-14 to REPO-19)."""
    present = [environment for environment in ENVIRONMENTS if (root / place_of(environment)).is_file()]
    kinds = {type(read_inference(root, environment)) for environment in present}
    if faults := structure_faults(root, kinds):
        raise ProjectError(*faults)


def check_settings(root: Path) -> None:
    """The settings are valid, production is safe, and the contract fits the sample and breaks no caller."""
    read_foundation(root)
    faults = [*inference_faults(root), *_event_faults(root), *_contract_faults(root)]
    if faults:
        raise ProjectError(*faults)


def _event_faults(root: Path) -> list[str]:
    """Returns the faults of the pattern of events that ask for predictions, if an environment answers events."""
    configurations = [read_inference(root, environment) for environment in ENVIRONMENTS]
    answers = any(isinstance(configuration, RealTime) and configuration.events for configuration in configurations)
    return list(pattern_faults(root)) if answers else []


def _contract_faults(root: Path) -> list[str]:
    """Returns the faults of the contract. A repository without an endpoint may have none."""
    if not (root / CONTRACT).is_file():
        return []
    try:
        contract = read_contract(root)
    except (ValueError, TypeError) as error:
        return [f"{CONTRACT}: {error}"]
    return [*_sample_faults(root, contract), *compatibility_faults(root)]


def _sample_faults(root: Path, contract: Contract) -> list[str]:
    if not (root / SAMPLE).is_file():
        return []
    with (root / SAMPLE).open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    missing = [name for name in (*contract.columns, contract.target) if name not in columns]
    return [f"{SAMPLE}: has no column {name}, which {CONTRACT} names" for name in missing]


CHECKS: Mapping[str, Callable[[Path], None]] = {
    "structure": check_structure,
    "settings": check_settings,
    "lint": check_lint,
    "types": check_types,
    "tests": check_tests,
}
"""Checks in their order: the fastest first."""
