"""Properties that a session gets from the one that opens it, and reads that Lake Formation admits."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from plinth_sandbox.emulator.authorization.sessions import JudgedSession, Origin, opened

ROLE, READER = (f"arn:aws:iam::123456789012:role/{name}" for name in ("run", "reader"))


def call(claimed: dict[str, Any] | None = None, **parameters: Any) -> Any:
    header = json.dumps(claimed) if claimed else ""
    request = SimpleNamespace(header=lambda _: header)
    return SimpleNamespace(service="s3", only_reads=True, parameters=parameters, request=request)


def test_a_session_that_a_run_opens_is_in_the_network_of_the_run_whatever_its_request_claims() -> None:
    run = JudgedSession(ROLE, "run", Origin(subnets=["subnet-1"]))
    forged = call({"source_arn": ROLE, "subnets": ["subnet-2"]}, RoleArn=ROLE, RoleSessionName="next")
    assert opened(forged, run).origin == Origin(subnets=["subnet-1"], account=run.account)


def test_a_run_reads_below_a_location_and_not_what_begins_like_it() -> None:
    run = JudgedSession(ROLE, "run", Origin(readers={"s3://lake/cards": READER}))
    found = {key: run.reader_of(call(Bucket="lake", Key=key)) for key in ("cards/a", "cards-raw/a")}
    assert found == {"cards/a": READER, "cards-raw/a": None}
