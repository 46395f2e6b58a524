"""Decision that a form contains: every page with such a form has the same two buttons (``templates/decision.html``)."""

from __future__ import annotations

from starlette.datastructures import FormData

from selfservice.errors import BadInputError

APPROVE, _REJECT = "approve", "reject"


def verb_of(form: FormData) -> str:
    """Returns whether a form approves or rejects. Raises: BadInputError for one that does neither."""
    verb = str(form.get("decision", ""))
    if verb not in (APPROVE, _REJECT):
        raise BadInputError("decide either to approve or to reject")
    return verb
