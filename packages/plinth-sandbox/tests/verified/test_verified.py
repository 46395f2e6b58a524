"""The verified tests of moto's authors pass in the sandbox, or need what the sandbox says it does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from verified.suite import SERVICES, fetch, row, run

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "guides" / "sandbox.md"
pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetch(tmp_path_factory.mktemp("moto"))


@pytest.mark.parametrize("service", SERVICES)
def test_what_was_verified_against_aws_holds_in_the_sandbox(service: str, suite: Path, tmp_path: Path) -> None:
    outcome = run(service, suite, tmp_path)
    assert outcome.failed == {}
    assert row(service, outcome) in GUIDE.read_text(encoding="utf-8"), row(service, outcome)
