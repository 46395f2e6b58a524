"""Lifting AWS's deletion protection before the engine deletes a resource."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conformance.plugin import REGION, Kept
from conformance.sample import Aws, Sample
from conformance.test_catalog import SAMPLES
from plinth_sandbox.testing import MANAGEMENT
from selfservice.engine import deletion_protection

Make = Callable[[Sample], tuple[Kept, dict[str, Any]]]
FIREWALL = "aws:networkfirewall/firewall:Firewall"
URN = f"urn:pulumi:fraud-experimentation::plinth::{FIREWALL}::internet-firewall"
PROVIDER = "urn:pulumi:fraud-experimentation::plinth::pulumi:providers:aws::account"


@pytest.fixture
def protected(make: Make, aws: Aws) -> Iterator[Kept]:
    (sample,) = (sample for sample in SAMPLES if sample.type == FIREWALL)
    firewall, _ = make(sample)
    protect(aws, firewall, True)
    yield firewall
    if aws("network-firewall").list_firewalls()["Firewalls"]:
        protect(aws, firewall, False)


def protect(aws: Aws, firewall: Kept, wanted: bool) -> None:
    aws("network-firewall").update_firewall_delete_protection(FirewallArn=firewall.id, DeleteProtection=wanted)


def state(firewall: Kept) -> list[dict[str, Any]]:
    inputs = {"region": REGION, "allowedAccountIds": json.dumps([MANAGEMENT])}
    known = {"type": FIREWALL, "urn": URN, "id": firewall.id, "outputs": {**firewall.outputs, "deleteProtection": True}}
    account = {"urn": PROVIDER, "type": "pulumi:providers:aws", "inputs": inputs}
    return [account, {**known, "provider": f"{PROVIDER}::1"}]


def test_a_firewall_is_deleted_only_once_its_protection_is_lifted(protected: Kept, aws: Aws) -> None:
    said: list[str] = []
    with pytest.raises(ClientError, match="delete protection"):
        aws("network-firewall").delete_firewall(FirewallArn=protected.id)
    deletion_protection.lift(state(protected), frozenset({URN}), said.append)
    assert said == ["lifted the deletion protection of internet-firewall"]
    aws("network-firewall").delete_firewall(FirewallArn=protected.id)
    deletion_protection.lift(state(protected), None, said.append)
    assert len(said) == 1


def test_a_firewall_that_the_operation_keeps_stays_protected(protected: Kept, aws: Aws) -> None:
    deletion_protection.lift(state(protected), frozenset(), pytest.fail)
    assert aws("network-firewall").describe_firewall(FirewallArn=protected.id)["Firewall"]["DeleteProtection"]
