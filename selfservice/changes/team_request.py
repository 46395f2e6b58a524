"""A request for a team's account set: what a person may choose, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from selfservice.catalog.credentials import holds_credential
from selfservice.changes.request_values import RepeatedKeyError, plain, refuse_repeated_keys
from selfservice.errors import BadInputError
from settings.files.config_sections import Section, plain_secrets
from settings.files.validation_errors import validation_faults
from settings.files.yaml_file import MAX_FAULTS, read_document
from settings.team.studio import StudioPersona
from settings.types.error_codes import Code
from settings.types.errors import SettingsError, refusal
from settings.types.kinds import Environment
from settings.types.model import Settings
from settings.types.redaction import HIDDEN, shown
from settings.types.values import Cidr, CostCentre, DatasetName, EmailAddress, List, TeamName, UserName, within

MAX_CHARACTERS = 8_000
"""Longest request in characters."""
MAX_FILE_BYTES = 64 * 1024
_LEAKED = "remove it, and replace the credential where it was issued"
_REQUIRED = ("owner", "cost_centre", "monthly_budget_usd")


class TeamRequest(Settings):
    """A request to create a team or to change one."""

    action: Literal["create", "change"] = Field(
        default="create", description="create: a new team. change: the named values of a team that exists."
    )
    team: TeamName = Field(description="Name of the team.", examples=["claims"])
    owner: EmailAddress | None = Field(
        default=None, description="Address of the person responsible for the team and its bill.",
        examples=["claims-owner@acme.example"],
    )  # fmt: skip
    cost_centre: CostCentre | None = Field(default=None, description="Cost centre that pays the bill.")
    monthly_budget_usd: Annotated[int, within(1, 10_000_000, "US dollars a month")] | None = Field(
        default=None, description="Monthly budget of all four environments in US dollars."
    )
    cidr: Cidr | None = Field(
        default=None, description="Address range of a new team. Default: the lowest free block of the address plan."
    )
    people: Mapping[UserName, StudioPersona | None] = Field(
        default_factory=dict,
        description="Studio users with their personas. They get a profile in each environment where the persona may "
        "open Studio. A person without a persona is removed.",
        examples=[{"dana": "lead-data-scientist"}],
    )
    data: Mapping[DatasetName, List[Environment]] = Field(
        default_factory=dict,
        description="Environments that may read each dataset. An empty list ends the access of the team.",
        examples=[{"card-activity": ["development"]}],
    )
    environments: Mapping[Environment, Mapping[str, Annotated[Any, AfterValidator(plain)]]] = Field(
        default_factory=dict,
        description="Settings of environments, as in their settings files. A value of null returns to the default.",
        examples=[{"experimentation": {"internet_access": True}}],
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        missing = [name for name in _REQUIRED if getattr(self, name) is None]
        if self.action == "create" and missing:
            raise refusal(Code.FIELD_MISSING, f"a new team needs {', '.join(missing)}", "add them")
        if self.action == "create" and None in self.people.values():
            raise refusal(Code.NOT_ALLOWED, "people has a person without a persona", "a new team has nobody to remove")
        if self.action == "change" and self.cidr is not None:
            raise refusal(Code.IMMUTABLE, "the address range of a team cannot change", "remove cidr")
        if self.action == "change" and not any(
            (self.people, self.data, self.environments, *map(self._given, _REQUIRED))
        ):
            raise refusal(Code.FIELD_MISSING, "the request changes nothing", "name at least one value to change")
        return self

    @model_validator(mode="after")
    def _holds_no_credential(self) -> Self:
        if holds_credential(self.model_dump()):
            raise refusal(Code.SECRET_IN_PLAIN_TEXT, "contains what looks like a credential", _LEAKED)
        return self

    def _given(self, name: str) -> bool:
        return getattr(self, name) is not None

    @property
    def text(self) -> str:
        """The request as JSON, always the same for equal requests."""
        given = self.model_dump(mode="json", exclude_defaults=True) | {"action": self.action}
        return _canonical(given)


def read_request(file: Path) -> TeamRequest:
    """Returns the request in a YAML file.

    Raises: BadInputError if the file cannot be read; SettingsError with every fault and its line.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)  # no more, because a device has no end
    except OSError as error:
        raise BadInputError(f"{file}: {error.strerror}") from None
    if len(content) > MAX_FILE_BYTES:
        raise BadInputError(f"{file} has more than {MAX_FILE_BYTES} bytes, the limit of a request")
    document, faults = read_document(content)
    if document is not None:
        faults = [*faults, *plain_secrets(document, str(file))]
    if document is None or faults:
        raise SettingsError([fault.at(file=str(file), line=fault.line) for fault in faults])
    if not isinstance(document.value, dict):
        raise BadInputError(f"{file} is not a mapping; write a request as `team: claims` and further fields")
    section = Section(document, str(file))
    try:
        request = TeamRequest.model_validate(document.value)
    except ValidationError as error:
        raise SettingsError(validation_faults(error, section, TeamRequest)) from None
    if len(request.text) > MAX_CHARACTERS:
        raise BadInputError(
            f"{file}: the request has {len(request.text)} characters; at most {MAX_CHARACTERS} are allowed"
        )
    return request


def parsed_request(text: str) -> TeamRequest:
    """Returns the request of an item, whose text somebody may have written without the command line.

    Raises: BadInputError with every fault. A message contains nothing of the text that is not escaped.
    """
    if text == HIDDEN:
        raise BadInputError(f"the request contained what looks like a credential, and was not recorded; {_LEAKED}")
    if len(text) > MAX_CHARACTERS:
        raise BadInputError(f"the request has more than {MAX_CHARACTERS} characters")
    try:
        request = TeamRequest.model_validate_json(text)
        refuse_repeated_keys(text)
    except ValidationError as error:
        raise BadInputError("\n".join(_sentences(error.errors(include_url=False)[:MAX_FAULTS]))) from None
    except RepeatedKeyError as error:
        raise BadInputError(f"{error} is given twice; keep one of the two") from None
    return request


def _sentences(details: Iterable[Any]) -> Iterable[str]:
    for detail in details:
        place = ".".join(shown(str(part)) for part in detail["loc"] if part != "[key]")
        context = detail.get("ctx", {})
        said = f"{context['rule']}; {context['fix']}" if "rule" in context else detail["msg"]
        if detail["type"] == "extra_forbidden":
            said = f"is not a field; the fields are {', '.join(TeamRequest.model_fields)}"
        yield f"{place}: {said}" if place else said


def _canonical(value: Any) -> str:
    import json

    return json.dumps(value, sort_keys=True, separators=(",", ":"))
