"""Requests to create a team with its account set and to change one: what a person may choose, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.requested.base import PresentSettings, RequestedAction
from selfservice.changes.requested.request_values import plain
from selfservice.changes.reviewed_change import Reviewed
from selfservice.errors import RefusedError
from selfservice.requests.kinds.request import Request
from selfservice.requests.kinds.review_site import ReviewSite
from selfservice.requests.kinds.team_files import ExistingTeamError, files_of_team
from settings.team.studio import StudioPersona
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.kinds import Environment
from settings.types.values import (
    AccountId,
    Cidr,
    CostCentre,
    DatasetName,
    EmailAddress,
    List,
    UserName,
    within,
)

_REQUIRED = ("owner", "cost_centre", "monthly_budget_usd")


class TeamRequest(Request):
    """A request to create a team or to change one."""

    ACTIONS: ClassVar = (
        RequestedAction(
            name="create",
            title="New team",
            asks_for="the team",
            commit="Add the team",
            needs_team=False,
            required=_REQUIRED,
        ),
        RequestedAction(
            name="change",
            title="Change a team",
            asks_for="a change of the team",
            commit="Change the team",
            omitted=("cidr", "accounts"),  # which cannot change after the team was created
        ),
    )

    action: Literal["create", "change"] = Field(
        default="create", description="create: a new team. change: the named values of a team that exists."
    )
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
    accounts: Mapping[Environment, AccountId] = Field(
        default_factory=dict,
        description="Existing accounts of the organization that a new team adopts, by environment. Others are created.",
        examples=[{"development": "123456789012"}],
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
        if self.action == "change" and self.accounts:
            raise refusal(Code.IMMUTABLE, "the accounts of a team cannot change", "remove accounts")
        if len(set(self.accounts.values())) < len(self.accounts):
            raise refusal(Code.NOT_ALLOWED, "accounts names an account twice", "name one for each environment")
        if self.action == "change" and not any(
            (self.people, self.data, self.environments, *map(self._given, _REQUIRED))
        ):
            raise refusal(Code.FIELD_MISSING, "the request changes nothing", "name at least one value to change")
        return self

    def _given(self, name: str) -> bool:
        return getattr(self, name) is not None

    @property
    def approvals(self) -> int:
        """Number of people who have to approve it, beside the requester. An adopted account may hold anything."""
        return 2 if self.accounts else 1

    def files(self, present: PresentSettings) -> Iterable[tuple[str, str | None]]:
        """Yields the file of the team, those of its environments, and those of datasets whose access changes."""
        return files_of_team(present, self)

    def review(self, site: ReviewSite) -> Reviewed:
        """Previews the change of a team that no other request creates.

        The refusal of a new team that exists already names its state in the team catalog.
        """
        if self.action == "create":
            self._refuse_second_creation(site)
        try:
            return Request.review(self, site)
        except ExistingTeamError as error:
            known = TeamRecords(site.catalog).read(self.team)
            raise (error.with_state(known.status) if known else error) from None

    def _refuse_second_creation(self, site: ReviewSite) -> None:
        """Refuses a request for a team that an older request creates, or one whose review is complete.

        Raises: RefusedError. Of two requests that nobody has reviewed, only the second one is refused.
        """
        found = site.other_requests(lambda request: (request.action, request.team) == ("create", self.team))
        reviewed = (ChangeState.REVIEWED, ChangeState.RUNNING)
        first = [id_ for id_, record in found.items() if id_ < site.id or (record and record.state in reviewed)]
        if first:
            raise RefusedError(
                f"another request creates the team {self.team} already: {', '.join(first)}. Wait until it has ended, "
                "or reject it and request the team again"
            )
