"""Required values of a command: from options, or asked for on a terminal until they are valid."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from selfservice.errors import BadInputError

if TYPE_CHECKING:
    from settings.types.model import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """A value that the user must give."""

    option: str
    """The option that gives it, without hyphens in front."""
    field: str
    """The field of the settings model with its limits and description."""
    model: Callable[[], type[Settings]]
    """Imports the model, which the help of the command does not need."""

    @property
    def description(self) -> str:
        """The first sentence of the field's description."""
        return (self.model().model_fields[self.field].description or "").partition(". ")[0].rstrip(".")

    def parse(self, answer: str) -> Any:
        """Returns the value of an answer. Raises click.UsageError with the rule that it breaks."""
        from typing import Annotated

        from pydantic import TypeAdapter, ValidationError

        info = self.model().model_fields[self.field]
        value = int(answer) if info.annotation is int and answer.strip().isdecimal() else answer
        field: Any = Annotated[info.annotation, info]
        try:
            TypeAdapter(field).validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]
            context = first.get("ctx", {})
            rule = f"{context['rule']}; {context['fix']}" if "rule" in context else first["msg"]
            raise click.UsageError(f"{answer} {rule}") from None
        return value


def answers(given: Mapping[str, Any], questions: Sequence[Question]) -> dict[str, Any]:
    """Returns the value of each question by option. Values that were not given are asked for on a terminal.

    Raises: BadInputError with every missing option if there is no terminal.
    """
    missing = [question for question in questions if given.get(question.option) is None]
    if missing and not is_terminal():
        listed = "\n".join(f"  --{question.option}: {question.description}" for question in missing)
        raise BadInputError(
            f"these values are missing; pass their options, or run the command on a terminal:\n{listed}"
        )
    asked = {question.option: _ask(question) for question in missing}
    return {question.option: asked.get(question.option, given.get(question.option)) for question in questions}


def is_terminal() -> bool:
    """Returns whether somebody can answer."""
    return sys.stdin.isatty()


def _ask(question: Question) -> Any:
    return click.prompt(question.description, value_proc=question.parse, err=True)
