"""The states of stacks are in a bucket, and a key of KMS encrypts their secrets, as at AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import yaml

from tests.support.kills import Kills
from tests.support.states_in_s3 import keep_states_in_s3
from tests.support.workbench import Workbench


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """An organization of which nothing is deployed, with the bucket of the sandbox and a key. The shell has no
    passphrase."""
    bench = Workbench.of_example(tmp_path_factory.mktemp("acme"), teams=("fraud",), phase="initial")
    bench.sandbox("up", "--states", "s3")
    bench.sandbox("up")
    try:
        keep_states_in_s3(bench)
        yield bench
    finally:
        bench.sandbox("down")


def test_a_deployment_that_was_killed_while_it_created_a_stack_is_continued(acme: Workbench) -> None:
    acme.plinth("up", "organization", "identity", "--yes")
    assert Kills(acme).kill("up", "fraud", "--yes", calls=3)
    assert "broke the lock left behind by" in acme.plinth("up", "fraud", "--yes").stdout
    accounts = acme.client("organizations").list_accounts()["Accounts"]
    assert [account["Name"] for account in accounts].count("acme-fraud-experimentation") == 1


@pytest.mark.threat("T-08")
def test_secrets_are_encrypted_with_the_key_of_the_stack(acme: Workbench) -> None:
    file = yaml.safe_load(acme.settings_file("fraud").read_text())
    assert "encryptionsalt" not in file
    assert acme.deployment("fraud")["secrets_providers"] == {
        "type": "cloud",
        "state": {"url": file["secretsprovider"], "encryptedkey": file["encryptedkey"]},
    }


def test_status_drift_and_a_rehearsed_removal_read_the_states(acme: Workbench) -> None:
    resources = len(acme.state("fraud"))
    (status,) = (
        stack_status
        for stack_status in json.loads(acme.plinth("status", "--json").stdout)
        if stack_status["stack"] == "fraud"
    )
    assert (status["resources"], status["pending_operations"]) == (resources, 0)
    assert "drift: none; 1 stack compared with AWS" in acme.plinth("drift", "fraud").stdout
    removal = acme.plinth("team", "remove", "fraud", "--dry-run").stdout
    assert f"Team fraud: 1 stack with {resources} resources" in removal
