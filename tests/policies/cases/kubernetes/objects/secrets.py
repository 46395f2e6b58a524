"""Cases of policies/kubernetes/rules/objects/secrets.py."""

from __future__ import annotations

from tests.policies.case import Prohibition

PROHIBITIONS = [Prohibition(rule="KU-09", type="kubernetes:core/v1:Secret")]
