"""Policies that declare a configuration instead of denying actions: AI opt-out, EC2 account attributes and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Document = Mapping[str, object]

OPTED_OUT = ("@@none",)
"""Inheritance operator that keeps child policies from changing a value (Organizations User Guide, "Inheritance
operators")."""


def ai_services_opt_out() -> Document:
    """Builds DP-01: AWS's AI services neither store nor train on their input (AISERVICES_OPT_OUT_POLICY)."""
    fixed = {"@@operators_allowed_for_child_policies": list(OPTED_OUT)}
    default = {**fixed, "opt_out_policy": {**fixed, "@@assign": "optOut"}}
    return {"services": {**fixed, "default": default}}


def tag_policy(allowed: Mapping[str, Sequence[str]]) -> Document:
    """Builds DP-01 and OR-05: the spelling of the mandatory tags and, for tags with few values, those values
    (TAG_POLICY).

    The policy only reports deviations. SCP-17 and the policy pack enforce that resources are tagged.
    """
    return {"tags": {key: _tag(key, values) for key, values in allowed.items()}}


def _tag(key: str, values: Sequence[str]) -> Document:
    spelt: dict[str, object] = {"tag_key": {"@@assign": key}}
    return spelt | ({"tag_value": {"@@assign": list(values)}} if values else {})


def restrict_consoles_and_images(message: str) -> Document:
    """Builds DP-01: no serial console, and instances use images of AWS or of the organization only
    (DECLARATIVE_POLICY_EC2).

    Attributes that the account baseline sets are not declared here: once a policy declares an attribute, AWS refuses to
    set it in the account, even to the same value (decision 0009).
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
