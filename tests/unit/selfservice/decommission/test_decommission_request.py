"""A request for a decommission names the team twice, and says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from selfservice.errors import BadInputError
from selfservice.requests.change_text import title_of
from selfservice.requests.kinds.decommission import DecommissionRequest
from selfservice.requests.reading.team_requests import approvals_of, parsed_request, read_request
from settings.types.errors import SettingsError

VALID = {"action": "decommission", "team": "claims", "confirm": "claims", "reason": "the project has ended"}


def test_a_request_in_a_file_is_the_same_as_its_text(tmp_path: Path) -> None:
    file = tmp_path / "request.yaml"
    file.write_text("action: decommission\nteam: claims\nconfirm: claims\nreason: the project has ended\n")
    request = read_request(file)
    assert request == DecommissionRequest.model_validate(VALID)
    assert parsed_request(request.text) == request
    assert (approvals_of(request.text), title_of(request.text)) == (2, "decommission claims")


@pytest.mark.threat("T-20")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"confirm": "fraud"}, "confirm is fraud, and team is claims; name the same team twice"),
        ({"reason": " "}, "reason: the reason is empty"),
        ({"reason": "x" * 501}, "reason: the reason is no short text"),
        ({"reason": "\x1b[2J"}, "reason: the reason is no short text"),
        ({"reason": "AKIAIOSFODNN7EXAMPLE"}, "looks like a credential"),
        ({"team": "Claims"}, "team: "),
        ({"owner": "ada@acme.example"}, "owner: is not a field; the fields are action, team, confirm, reason"),
    ],
)
def test_a_wrong_request_is_refused_with_what_is_allowed(changes: dict[str, str], said: str) -> None:
    with pytest.raises(BadInputError) as refused:
        parsed_request(json.dumps({**VALID, **changes}))
    assert said in str(refused.value)


def test_a_file_without_a_confirmation_is_refused_with_its_field(tmp_path: Path) -> None:
    file = tmp_path / "request.yaml"
    file.write_text("action: decommission\nteam: claims\nreason: the project has ended\n")
    with pytest.raises(SettingsError, match="confirm"):
        read_request(file)
