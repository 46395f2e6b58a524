"""Lake Formation: tables, databases and principals of grants.

Source: Lake Formation API, GrantPermissions and its errors (read 2026-11-29). Grants on resources of other catalogs and
to principals of other accounts are not looked up.
"""

from __future__ import annotations

from collections.abc import Iterator

from plinth_sandbox.emulator.authorization.principals import role_of
from plinth_sandbox.emulator.preconditions.references.reference import MISSING, Question, Reference, References, Refusal

_ROLE = "arn:aws:iam::{account}:role/"


def _own_roles(question: Question) -> Iterator[str]:
    for arn in question.values("Principal.DataLakePrincipalIdentifier"):
        if arn.startswith(_ROLE.format(account=question.call.account)):
            yield arn


def _role(arn: str, _: Question) -> str:
    return "" if role_of(arn) is not None else MISSING


def _own_tables(question: Question) -> Iterator[str]:
    """Yields database and table of a grant on a table of the own catalog, with a tab between them."""
    resource, own = question.call.parameters["Resource"], question.call.account
    for member in ("Table", "TableWithColumns"):
        table = resource.get(member) or {}
        if table.get("Name") and table.get("CatalogId", own) == own:
            yield f"{table['DatabaseName']}\t{table['Name']}"


def _table(name: str, question: Question) -> str:
    """Looks up a table. Those of a resource link are in another catalog."""
    from moto.glue.models import glue_backends

    database, _, table = name.partition("\t")
    known = glue_backends[question.call.account][question.call.region].databases.get(database)
    if known is None:
        return MISSING
    return "" if known.input.get("TargetDatabase") or table in known.tables else MISSING


REFERENCES: References = {
    ("lakeformation", "GrantPermissions"): (
        Reference(_own_roles, _role, Refusal("InvalidInputException", "Invalid principal: {name}")),
        Reference(_own_tables, _table, Refusal("EntityNotFoundException", "Table not found.")),
    )
}
