import pytest
from pulumi.automation import CommandError, Deployment
from pulumi.automation._cmd import CommandResult

from selfservice.engine.automation import (
    account_ids,
    last_words,
    outputs_of,
    pending_operations_of,
    protected,
    resources_of,
)

STACK = {"urn": "urn:stack", "type": "pulumi:pulumi:Stack", "outputs": {"account_id": "111111111111"}}
GUARDED = {"urn": "urn:account", "type": "aws:organizations/account:Account", "protect": True}


def test_a_state_tells_resources_outputs_and_what_is_protected():
    state = Deployment(version=3, deployment={"resources": [STACK, GUARDED]})
    assert resources_of(state) == [STACK, GUARDED]
    assert outputs_of(state) == {"account_id": "111111111111"}
    assert protected(resources_of(state)) == ["urn:account"]
    assert pending_operations_of(state) == []


@pytest.mark.parametrize("deployment", [None, {}, {"resources": None}])
def test_a_stack_that_was_never_brought_up_holds_nothing(deployment):
    state = Deployment(version=3, deployment=deployment)
    assert resources_of(state) == []
    assert outputs_of(state) == {}


def test_accounts_are_those_that_the_outputs_name_each_once():
    outputs = {
        "management_account_id": "1",
        "account_id": "2",
        "accounts": {"audit": "3", "network": "3", "organization": "1"},
        "vpc_id": "vpc-4",
    }
    assert account_ids(outputs) == ("1", "2", "3")


def test_accounts_that_are_not_known_yet_or_secret_do_not_count():
    assert account_ids({"account_id": None, "accounts": "[secret]"}) == ()


def test_the_error_message_is_the_standard_error_of_the_engine():
    error = CommandError(CommandResult(stdout="Updating (fraud)", stderr="error: no such thing\n\n", code=255))
    assert last_words(error) == "no such thing"
