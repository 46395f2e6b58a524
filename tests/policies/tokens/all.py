"""All token cases."""

from __future__ import annotations

from tests.policies.tokens import endpoints, evaluation, identities, levels, stacks, stores
from tests.policies.tokens.levels import LevelCase
from tests.policies.tokens.token_case import TokenCase


def token_cases() -> list[TokenCase | LevelCase]:
    return [
        *identities.cases(),
        *stores.cases(),
        *endpoints.cases(),
        *evaluation.cases(),
        *stacks.cases(),
        *levels.cases(),
    ]
