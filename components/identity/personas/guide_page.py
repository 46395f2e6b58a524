"""Writes the table of personas to docs/guides/identity.md: `python -m components.identity.personas.guide_page`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from components.identity.personas.capability import Capability
from components.identity.personas.persona import Persona
from components.identity.personas.persona_list import PERSONAS
from settings.types.kinds import KINDS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "identity.md"

_TABLE = re.compile(r"(<!-- personas: [^\n]*-->\n)(.*?)(<!-- end of personas -->)", re.DOTALL)


def renewed(text: str) -> str:
    """Returns the page with a current table of personas."""
    return _TABLE.sub(lambda found: f"{found[1]}{table()}\n{found[3]}", text)


def table() -> str:
    """Returns the table, with one row per permission set: persona, account kinds, capabilities."""
    rows = ["| persona | kinds of account | may | permission set |", "|---|---|---|---|"]
    return "\n".join([*rows, *(row for persona in PERSONAS for row in _rows(persona))])


def _rows(persona: Persona) -> Iterator[str]:
    for access in persona.access:
        kinds = "all" if access.kinds == KINDS else ", ".join(access.kinds)
        others = [kind for kind in KINDS if kind not in access.kinds]
        if len(others) == 1:
            kinds = f"all but {others[0]}"
        may = "; ".join(_summary(capability) for capability in access.capabilities)
        yield f"| {persona.name} | {kinds} | {may} | `{persona.permission_set_of(access)}` |"


def _summary(capability: Capability) -> str:
    condition = f"with `sign_in: {capability.sign_in}`, " if capability.sign_in else ""
    return f"{condition}{capability.summary}"


def main() -> None:
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
