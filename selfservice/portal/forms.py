"""Forms of requests. The model of a request says which fields its form has, and what people read beside them."""

from __future__ import annotations

import json
import textwrap
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal

import yaml
from pydantic.fields import FieldInfo

from selfservice.changes.requested.base import RequestedAction
from selfservice.requests.kinds.all_kinds import actions, kind_of

_LABELS = {"monthly_budget_usd": "Monthly budget in US dollars", "cidr": "Address range", "cost_centre": "Cost centre"}
Widget = Literal["text", "number", "choice", "yes-no", "yaml"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of a form."""

    name: str
    label: str
    help: str
    widget: Widget
    is_required: bool
    example: str
    value: str
    """Value that the person has entered."""
    choices: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """A form of an action, as it is filled."""

    action: str
    fields: Sequence[Field]

    @property
    def title(self) -> str:
        return actions()[self.action].title

    @property
    def subject(self) -> str:
        """The team, and the use case if there is one, as the person has entered them."""
        values = {field.name: field.value for field in self.fields}
        return "--".join(filter(None, (values.get("team", ""), values.get("name", ""))))

    def as_yaml(self) -> str:
        """Returns what is entered as the YAML text of a request. Empty fields are left out."""
        lines = [f"action: {self.action}"]
        for field in self.fields:
            if not field.value.strip():
                continue
            if field.widget == "yaml":
                # Each line is indented, so no text ends the value of its field.
                lines += [f"{field.name}:", textwrap.indent(field.value.strip("\r\n"), "  ", lambda _: True)]
            elif field.widget in ("number", "yes-no") and field.value.strip().isalnum():
                lines.append(f"{field.name}: {field.value.strip()}")
            else:
                lines.append(f"{field.name}: {json.dumps(field.value.strip())}")
        return "\n".join(line.rstrip("\r") for line in "\n".join(lines).splitlines()) + "\n"


def form_of(action: str, given: Mapping[str, str], choices: Mapping[str, Sequence[str]] | None = None) -> Form:
    """Returns the form of an action with the given values.

    ``choices`` has the values of fields among which the person chooses, beside those that the model lists. Raises:
    KeyError for an unknown action.
    """
    found, fields = actions()[action], kind_of(action).model_fields
    names = [name for name in fields if name != "action" and name not in found.omitted]
    return Form(
        action=action,
        fields=[_field(name, fields[name], found, given, (choices or {}).get(name, ())) for name in names],
    )


def _field(
    name: str, info: FieldInfo, action: RequestedAction, given: Mapping[str, str], known: Sequence[str]
) -> Field:
    kind = _plain(info.annotation)
    choices = [str(argument) for argument in typing.get_args(kind)] if typing.get_origin(kind) is Literal else known
    widget: Widget = "choice" if known else _widget(kind)
    return Field(
        name=name,
        label=_LABELS.get(name, name.replace("_", " ").capitalize()),
        help=info.description or "",
        widget=widget,
        is_required=info.is_required() or name in action.required,
        example=_example(info, widget),
        value=given.get(name, ""),
        choices=choices,
    )


def _widget(kind: Any) -> Widget:
    if kind is bool:
        return "yes-no"
    if kind is int:
        return "number"
    origin = typing.get_origin(kind)
    if origin is Literal:
        return "choice"
    return "text" if origin is None else "yaml"


def _plain(annotation: Any) -> Any:
    """Returns the type below aliases, constraints and the choice of None."""
    while True:
        if typing.get_origin(annotation) is Annotated:
            annotation = typing.get_args(annotation)[0]
        elif typing.get_origin(annotation) in (typing.Union, UnionType):
            others = [argument for argument in typing.get_args(annotation) if argument is not NoneType]
            if len(others) != 1:
                return annotation
            annotation = others[0]
        else:
            return annotation


def _example(info: FieldInfo, widget: Widget) -> str:
    if not info.examples:
        return ""
    if widget == "yaml":
        return yaml.safe_dump(info.examples[0], default_flow_style=False).strip()
    return str(info.examples[0])
