"""Topics and subscriptions: each call sets one attribute, and every value is text."""

from __future__ import annotations

from collections.abc import Callable

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def attribute_setter(
    operation: str, address: str, name: str, attribute: str
) -> Callable[[Caller, Properties], Properties | None]:
    """Returns a step that sets the attribute of a property. A missing value clears the attribute."""

    def set_attribute(caller: Caller, known: Properties) -> None:
        value = known.get(name)
        text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
        caller.aws(operation, AttributeName=attribute, AttributeValue=text, **{address: known["id"]})

    return set_attribute


def name_of_topic(_: Caller, known: Properties) -> Properties:
    """Returns the topic's name, the last part of its ARN. No answer contains it."""
    return {"name": str(known["id"]).rpartition(":")[2]}
