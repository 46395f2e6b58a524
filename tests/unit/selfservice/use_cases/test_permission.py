"""Credentials that may not deploy are refused before a use case is created."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from selfservice.engine.account_access import Account
from selfservice.errors import RefusedError
from selfservice.use_cases import permission
from selfservice.use_cases.permission import refuse_denied

ROLE = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"
PROVIDER = {
    "urn": "urn:provider",
    "type": "pulumi:providers:aws",
    "inputs": {"allowedAccountIds": ["222222222222"], "region": "eu-west-1", "assumeRoles": [{"roleArn": ROLE}]},
}
TOOLING = [
    {"urn": "urn:stack", "type": "pulumi:pulumi:Stack"},
    PROVIDER,
    {"urn": "urn:key", "provider": "urn:provider::1"},
]
SENTENCE = f"User: arn:aws:sts::1:assumed-role/DataScientist/ada is not authorized to perform: sts:AssumeRole on {ROLE}"


def ask(
    patch: pytest.MonkeyPatch, *, answer: str = "", deployed: Any = TOOLING, graph: Any = ("tooling",)
) -> list[str]:
    """Returns the roles that were asked for. AWS answers with an error code, or with credentials."""
    asked: list[str] = []

    def keys(account: Account) -> None:
        asked.append(str(account.role_arn))
        if answer:
            raise ClientError({"Error": {"Code": answer, "Message": SENTENCE}}, "AssumeRole")

    patch.setattr(Account, "keys", keys)
    patch.setattr(permission, "resources_by_stack", lambda project, stacks: {"tooling": deployed})
    refuse_denied(SimpleNamespace(graph=graph))  # type: ignore[arg-type]
    return asked


def test_a_session_that_may_not_deploy_is_refused_with_the_sentence_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RefusedError) as error:
        ask(monkeypatch, answer="AccessDenied")
    assert str(error.value).startswith("nothing was changed, because these credentials may not create a use case: ")
    assert SENTENCE in str(error.value)


def test_a_session_that_may_deploy_opens_the_role_of_the_tooling_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ask(monkeypatch) == [ROLE]


def test_other_answers_are_no_missing_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClientError):
        ask(monkeypatch, answer="Throttling")


@pytest.mark.parametrize(("deployed", "graph"), [([], ("tooling",)), (TOOLING, ())])
def test_before_the_first_deployment_there_is_no_role_to_ask_for(
    monkeypatch: pytest.MonkeyPatch, deployed: Any, graph: Any
) -> None:
    assert ask(monkeypatch, deployed=deployed, graph=graph) == []
