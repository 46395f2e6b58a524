"""Policies that declare instead of deny: how accounts are set, what AWS may learn from them, which tags there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Document = Mapping[str, object]

OPTED_OUT = ("@@none",)
"""No policy further down changes it (Organizations User Guide, "Inheritance operators")."""


def no_learning_from_us() -> Document:
    """DP-01: AWS's AI services neither keep nor learn from what they are given (AISERVICES_OPT_OUT_POLICY)."""
    fixed = {"@@operators_allowed_for_child_policies": list(OPTED_OUT)}
    default = {**fixed, "opt_out_policy": {**fixed, "@@assign": "optOut"}}
    return {"services": {**fixed, "default": default}}


def tags_of_everything(allowed: Mapping[str, Sequence[str]]) -> Document:
    """DP-01, OR-05: the mandatory tags, spelt one way, and where there are few values, those (TAG_POLICY).

    It reports what is not so; that things are tagged at all is SCP-17's and the policy pack's to enforce.
    """
    return {"tags": {key: _tag(key, values) for key, values in allowed.items()}}


def _tag(key: str, values: Sequence[str]) -> Document:
    spelt: dict[str, object] = {"tag_key": {"@@assign": key}}
    return spelt | ({"tag_value": {"@@assign": list(values)}} if values else {})


def no_consoles_nor_foreign_images(message: str) -> Document:
    """DP-01: no serial console, and machines start from AWS's images or our own (DECLARATIVE_POLICY_EC2).

    What an account's baseline sets itself is not declared here: AWS refuses an account what a policy declares for it,
    also the same value (decision 0009).
    """
    return {
        "ec2_attributes": {
            "exception_message": {"@@assign": message},
            "serial_console_access": {"status": {"@@assign": "disabled"}},
            "allowed_images_settings": {
                "state": {"@@assign": "enabled"},
                "image_criteria": {"criteria_1": {"allowed_image_providers": {"@@append": ["amazon"]}}},
            },
        }
    }
