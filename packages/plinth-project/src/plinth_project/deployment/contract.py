"""The contract of requests and responses, as the Lambda function ``predict`` of the repository reads it.

The function checks requests with its own module, which knows the keywords of a contract. The library uses the same
module, so that both accept the same contracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from plinth_project.modules import load

CONTRACT = "app_infra/lambda/predict/contract.json"
MODULE = "app_infra/lambda/predict/contract.py"
Schema = Mapping[str, Any]


class Contract(Protocol):
    """A version of the contract. Its first number is also in the path of the API."""

    @property
    def version(self) -> str: ...
    @property
    def problem(self) -> str: ...
    @property
    def target(self) -> str:
        """Column that the model predicts. Requests do not contain it."""

    @property
    def request(self) -> Schema: ...
    @property
    def response(self) -> Schema: ...
    @property
    def columns(self) -> Mapping[str, Schema]:
        """Schemas of the columns of a row, in the order of the model."""


def read_contract(root: Path) -> Contract:
    """Returns the contract of the repository. Raises ValueError for a keyword that the function does not check."""
    found: Contract = load(root, MODULE).read_contract(root / CONTRACT)
    return found


def contract_from(root: Path, content: Mapping[str, Any]) -> Contract:
    """Returns a contract from the content of its file, such as that of another commit."""
    found: Contract = load(root, MODULE).Contract(**content)
    return found


def answered_type(root: Path) -> str:
    """Returns the type of the events with which the function answers."""
    return str(load(root, MODULE).ANSWERED)
