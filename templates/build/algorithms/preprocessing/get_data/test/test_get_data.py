from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from preprocessing.get_data import __main__ as get_data


class Athena:
    """Answers with one state after another."""

    def __init__(self, *states: str) -> None:
        self._states = list(states)
        self.asked: dict[str, Any] = {}

    def start_query_execution(self, **asked: Any) -> dict[str, str]:
        self.asked = asked
        return {"QueryExecutionId": "1"}

    def get_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803 (name in the API)
        status = {"State": self._states.pop(0), "StateChangeReason": f"because of {QueryExecutionId}"}
        answer = {"Status": status, "ResultConfiguration": {"OutputLocation": "s3://answers/1.csv"}}
        return {"QueryExecution": answer}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_data, "POLL_SECONDS", 0)


def test_the_query_runs_in_the_workgroup_until_it_has_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    athena = Athena("QUEUED", "RUNNING", "SUCCEEDED")

    class S3:
        def download_file(self, bucket: str, key: str, file: str) -> None:
            assert (bucket, key) == ("answers", "1.csv")
            Path(file).write_text("amount\n1\n2\n")

    clients = {"athena": athena, "s3": S3()}
    monkeypatch.setattr("boto3.client", clients.__getitem__)
    words = ["--query", "SELECT 1", "--database", "lake", "--workgroup", "fraud-development"]
    get_data.main([*words, "--output", str(tmp_path / "answer")])
    assert athena.asked["WorkGroup"] == "fraud-development"
    assert athena.asked["QueryExecutionContext"] == {"Database": "lake"}
    assert capsys.readouterr().out == "rows: 2\n"


def test_a_refused_query_says_why() -> None:
    with pytest.raises(get_data.QueryError, match="because of 1"):
        get_data.location_of_answer(Athena("FAILED"), "SELECT 1", "lake", "group")
