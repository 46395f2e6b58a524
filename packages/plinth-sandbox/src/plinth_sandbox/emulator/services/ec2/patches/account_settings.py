"""EC2: settings for a whole account and region, as a table. moto supports none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """One setting: its members, its default, and the effect of each operation on it."""

    read: str
    initially: Values
    changes: dict[str, Callable[[Values, Values], Values]]
    """Functions by operation, from the current values and the request's parameters to the new values."""
    shown: Callable[[Values], Values] = dict


def _takes(member: str) -> Callable[[Values, Values], Values]:
    return lambda _before, parameters: {member: parameters[member]}


def _becomes(**values: Any) -> Callable[[Values, Values], Values]:
    return lambda _before, _parameters: values


def _metadata_defaults(before: Values, parameters: Values) -> Values:
    """Applies changes. ``no-preference`` and -1 reset a default (EC2 API reference, ModifyInstanceMetadataDefaults)."""
    after = before | {name: value for name, value in parameters.items() if name != "DryRun"}
    return {name: value for name, value in after.items() if value not in ("no-preference", -1)}


SWITCHES = [
    Switch(
        read="GetSnapshotBlockPublicAccessState",
        initially={"State": "unblocked"},
        changes={
            "EnableSnapshotBlockPublicAccess": _takes("State"),
            "DisableSnapshotBlockPublicAccess": _becomes(State="unblocked"),
        },
    ),
    Switch(
        read="GetImageBlockPublicAccessState",
        initially={"ImageBlockPublicAccessState": "unblocked"},
        changes={
            "EnableImageBlockPublicAccess": _takes("ImageBlockPublicAccessState"),
            "DisableImageBlockPublicAccess": _becomes(ImageBlockPublicAccessState="unblocked"),
        },
    ),
    Switch(
        read="GetSerialConsoleAccessStatus",
        initially={"SerialConsoleAccessEnabled": False},
        changes={
            "EnableSerialConsoleAccess": _becomes(SerialConsoleAccessEnabled=True),
            "DisableSerialConsoleAccess": _becomes(SerialConsoleAccessEnabled=False),
        },
    ),
    Switch(
        read="GetInstanceMetadataDefaults",
        initially={},
        changes={"ModifyInstanceMetadataDefaults": _metadata_defaults},
        shown=lambda values: {"AccountLevel": values, "Return": True},
    ),
    Switch(
        read="GetEbsDefaultKmsKeyId",
        initially={"KmsKeyId": "alias/aws/ebs"},
        changes={
            "ModifyEbsDefaultKmsKeyId": _takes("KmsKeyId"),
            "ResetEbsDefaultKmsKeyId": _becomes(KmsKeyId="alias/aws/ebs"),
        },
    ),
    Switch(
        read="DescribeVpcBlockPublicAccessOptions",
        initially={"InternetGatewayBlockMode": "off", "State": "default-state"},
        changes={
            "ModifyVpcBlockPublicAccessOptions": lambda _before, parameters: {
                "InternetGatewayBlockMode": parameters["InternetGatewayBlockMode"],
                "State": "update-complete",
            }
        },
        shown=lambda values: {"VpcBlockPublicAccessOptions": values},
    ),
]


def _turn(switch: Switch, exchange: Exchange) -> Answer:
    notes = exchange.memory.notes("ec2", exchange.call.account, exchange.call.region)
    values = notes.get(switch.read, switch.initially)
    change = switch.changes.get(exchange.call.name)
    if change:
        values = notes[switch.read] = change(values, exchange.call.parameters)
    return exchange.call.reply(switch.shown(values))


PATCHES: Patches = {name: partial(_turn, switch) for switch in SWITCHES for name in (switch.read, *switch.changes)}
