"""Partially failed operations: the state contains every change that was made, and the next update completes the
rest."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.rpc import status_pb2

from conformance.plugin import Kept, Plugin
from conformance.sample import Aws
from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.rpc.protocol import provider
from plinth_sandbox.provider.rpc.wire import from_struct
from plinth_sandbox.testing import EmulatedAws

GROUP = "aws:ec2/securityGroup:SecurityGroup"
KEY = "aws:kms/key:Key"


def fail_once(monkeypatch: pytest.MonkeyPatch, operation: str, error: Exception | None = None) -> None:
    """Makes the next call of an operation fail with an internal error. Later calls succeed."""
    make, failures = Caller.aws, [error or ProviderError(f"{operation}: out of order")]

    def call(self: Caller, name: str, /, **arguments: Any) -> dict[str, Any]:
        if name.rpartition(":")[2] == operation and failures:
            raise failures.pop()
        return make(self, name, **arguments)

    monkeypatch.setattr(Caller, "aws", call)


def partial_state(error: pytest.ExceptionInfo[grpc.RpcError], of: Kept) -> Kept:
    """Returns the engine's state after a failure: the plugin's outputs, and all inputs as if they had been set."""
    status = status_pb2.Status()
    status.ParseFromString(dict(error.value.trailing_metadata())["grpc-status-details-bin"])
    (detail,) = status.details
    failure = provider.ErrorResourceInitFailed()
    assert detail.Unpack(failure)
    assert list(failure.reasons) == [error.value.details()]
    return Kept(of.type, of.name, failure.id, of.inputs, from_struct(failure.properties))


def fail_to_create(plugin: Plugin, type_token: str, inputs: dict[str, Any]) -> Kept:
    wanted = Kept(type_token, "half", "", plugin.check(type_token, "half", inputs), {})
    with pytest.raises(grpc.RpcError) as error:
        plugin.create(type_token, "half", inputs)
    return partial_state(error, wanted)


def fail_to_update(plugin: Plugin, kept: Kept, inputs: dict[str, Any]) -> Kept:
    checked = plugin.check(kept.type, kept.name, inputs, kept.inputs)
    with pytest.raises(grpc.RpcError) as error:
        plugin.update(kept, inputs)
    return partial_state(error, Kept(kept.type, kept.name, kept.id, checked, {}))


def test_an_incomplete_resource_is_in_the_state_so_that_it_can_be_deleted(
    plugin: Plugin, aws: Aws, monkeypatch: pytest.MonkeyPatch
):
    fail_once(monkeypatch, "enable_key_rotation")
    half = fail_to_create(plugin, KEY, {"enableKeyRotation": True})
    plugin.delete(half)
    assert aws("kms").describe_key(KeyId=half.id)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_second_update_completes_an_incomplete_resource(plugin: Plugin, aws: Aws, monkeypatch: pytest.MonkeyPatch):
    inputs = {"enableKeyRotation": True, "tags": {"own": "1"}}
    fail_once(monkeypatch, "enable_key_rotation")
    half = fail_to_create(plugin, KEY, inputs)
    assert "enableKeyRotation" in plugin.diff(half, inputs).paths
    whole = plugin.update(half, inputs)
    assert aws("kms").get_key_rotation_status(KeyId=half.id)["KeyRotationEnabled"] is True
    assert plugin.diff(whole, inputs).changed == []
    assert plugin.refresh(whole).outputs == whole.outputs


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_retry_removes_the_default_egress_rule_of_a_security_group(
    plugin: Plugin, aws: Aws, monkeypatch: pytest.MonkeyPatch, refreshed: bool
):
    vpc = plugin.create("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"})
    inputs = {"vpcId": vpc.id, "description": "closed"}
    fail_once(monkeypatch, "revoke_security_group_egress")
    half = fail_to_create(plugin, GROUP, inputs)

    def leaves() -> list[Any]:
        (group,) = aws("ec2").describe_security_groups(GroupIds=[half.id])["SecurityGroups"]
        return list(group["IpPermissionsEgress"])

    assert leaves()
    seen = plugin.refresh(half) if refreshed else half
    assert plugin.diff(seen, inputs).changed
    whole = plugin.update(seen, inputs)
    assert leaves() == []
    assert plugin.diff(whole, inputs).changed == []
    plugin.delete(whole)
    plugin.delete(vpc)


def test_the_next_update_waits_for_a_resource_that_never_became_ready(plugin: Plugin, monkeypatch: pytest.MonkeyPatch):
    vpc = plugin.create("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"})
    subnet = plugin.create("aws:ec2/subnet:Subnet", "subnet", {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"})
    inputs = {"subnetId": subnet.id, "connectivityType": "private"}
    make = Caller.aws

    def call(self: Caller, name: str, /, **arguments: Any) -> dict[str, Any]:
        answer = make(self, name, **arguments)
        for gateway in answer.get("NatGateways", []):
            gateway |= {"State": "failed", "FailureMessage": "no address left"}
        return answer

    with monkeypatch.context() as broken:
        broken.setattr(Caller, "aws", call)
        half = fail_to_create(plugin, "aws:ec2/natGateway:NatGateway", inputs)
        with pytest.raises(grpc.RpcError, match="no address left"):
            plugin.update(half, inputs)
    whole = plugin.update(half, inputs)
    assert plugin.diff(whole, inputs).changed == []
    for made in (whole, subnet, vpc):
        plugin.delete(made)


def test_the_state_contains_the_changes_of_a_failed_update_and_the_next_one_completes_it(
    plugin: Plugin, aws: Aws, monkeypatch: pytest.MonkeyPatch
):
    kept = plugin.create(KEY, "key", {"description": "old"})
    wanted = {"description": "new", "enableKeyRotation": True}
    fail_once(monkeypatch, "enable_key_rotation")
    half = fail_to_update(plugin, kept, wanted)
    assert half.id == kept.id
    assert half.outputs["description"] == "new"
    assert plugin.diff(half, wanted).paths == {"enableKeyRotation": "UPDATE"}
    assert set(plugin.diff(half, {"description": "old"}).paths) == {"description"}
    plugin.update(half, wanted)
    assert aws("kms").get_key_rotation_status(KeyId=kept.id)["KeyRotationEnabled"] is True
    plugin.delete(kept)


def test_an_update_that_changed_nothing_leaves_the_state_as_it_was(plugin: Plugin, monkeypatch: pytest.MonkeyPatch):
    kept = plugin.create(KEY, "key", {"description": "old"})
    fail_once(monkeypatch, "update_key_description")
    with pytest.raises(grpc.RpcError, match="out of order") as error:
        plugin.update(kept, {"description": "new", "enableKeyRotation": True})
    assert "grpc-status-details-bin" not in dict(error.value.trailing_metadata() or ())
    plugin.delete(kept)


def test_an_internal_error_of_the_plugin_keeps_created_resources_in_the_state(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
):
    fail_once(monkeypatch, "enable_key_rotation", KeyError("KeyId"))
    half = fail_to_create(plugin, KEY, {"enableKeyRotation": True})
    assert half.id
    plugin.delete(half)


def test_a_queue_waits_until_its_name_is_free_again(
    plugin: Plugin, server: EmulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, waits = {"name": "again"}, []
    plugin.delete(plugin.create("aws:sqs/queue:Queue", "again", queue))

    def pause(caller: Caller, seconds: float) -> None:
        waits.append(seconds)
        server.advance(seconds=30)

    monkeypatch.setattr(Caller, "pause", pause)
    assert plugin.create("aws:sqs/queue:Queue", "again", queue).outputs["name"] == "again"
    assert len(waits) == 2
