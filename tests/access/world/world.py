"""The example organization as its stacks provision it: who there is, what there is, and what every policy says.

Nothing is copied: all is read from what the stacks register under mocks, and a name that nothing provisioned bears is
an error. Four things are not of the stacks' making: what AWS attaches and creates by itself (its full-access control
policies, the role that Organizations makes in a new account), a stranger's account, an administrator whom somebody
might have become in an account, and AWS's services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.evaluation import decide
from iam_evaluator.matching import granted_by
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import DURABLE_KINDS
from tests.access.table import first_variant, written
from tests.access.world.inventory import Inventory
from tests.access.world.landing import Landing
from tests.access.world.people import Group, people
from tests.access.world.resources import Resources
from tests.access.world.role_chains import OFFICE_RANGE, Ways
from tests.access.world.roles import Role, roles
from tests.access.world.use_case import deploy_use_case
from tests.support.every_stack import (
    Deployment,
    example_feature_group,
    example_foundation,
    example_organization,
)

STRANGER, ADMINISTRATOR, ROOT = "a stranger", "an administrator", "the root user"
STRANGERS_ACCOUNT = Account(id="999999999999", organization_id="o-stranger99")
ACCOUNT_OF_AWS = Account(id="763104351884")
"""Where AWS publishes images for SageMaker (its Developer Guide, "Docker registry paths"), in no organization."""
WAY_IN = "OrganizationAccountAccessRole"
TEAM = "fraud"
"""Whose people and roles act where a place does not say."""
USE_CASE = "scoring"
"""The one use case that there is, of that team."""

_EVERYTHING = Policy.parse(
    "AdministratorAccess", '{"Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}'
)


@dataclass(frozen=True)
class World:
    """An organization's stacks, joined."""

    deployment: Deployment
    _assumed: dict[tuple[object, ...], tuple[Principal, ...]] = field(default_factory=dict, init=False)
    """What has been found that a session may assume, by the ARN of its role and its tags."""

    @cached_property
    def inventory(self) -> Inventory:
        return Inventory({**self.deployment, "use case": deploy_use_case(self.deployment, TEAM, USE_CASE)})

    @cached_property
    def landing(self) -> Landing:
        return Landing.of(self.inventory)

    @cached_property
    def accounts(self) -> Mapping[str, Account]:
        outside = {account.id: account for account in (STRANGERS_ACCOUNT, ACCOUNT_OF_AWS)}
        return {**self.landing.accounts, **outside}

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        return roles(self.inventory, self.accounts)

    @cached_property
    def people(self) -> Mapping[Group, tuple[Principal, ...]]:
        return people(self.inventory, self.accounts)

    @cached_property
    def resources(self) -> Resources:
        return Resources.of(self.inventory, self.accounts, self.roles)

    @cached_property
    def ways(self) -> Ways:
        return Ways(self.inventory, self.accounts)

    def account(self, place: str) -> Account:
        """The account of a place: a stack of an environment, or a durable kind."""
        if place in DURABLE_KINDS:
            return self.accounts[self.deployment["organization"].exports["accounts"][place]]
        identity = StackIdentity.parse(place)
        return self.accounts[self.deployment[identity.team or ""].exports["accounts"][identity.environment]]

    def names(self, place: str) -> dict[str, str]:
        """What may stand in braces in the ARN of a resource of a place."""
        present = list(self.deployment)
        stacks = [stack for stack in (f"{place}-studio", place) if stack in present]
        outputs = {name: value for stack in stacks for name, value in self.deployment[stack].exports.items()}
        texts = {name: value for name, value in outputs.items() if isinstance(value, str)}
        return {
            **texts,
            "account": self.account(place).id,
            "team": team_of(place),
            "place": place,
            "region": "eu-west-1",
        }

    def sessions(self, actor: str, place: str) -> list[Principal]:
        """All that somebody can act as: sessions of their own, and of every role that these may assume."""
        reached = list(self._own_sessions(actor, place))
        known = {session.role_arn for session in reached}
        for session in reached:  # grows while it is walked
            further = [role for role in self._assumable(session) if role.role_arn not in known]
            reached += further
            known |= {role.role_arn for role in further}
        return reached

    def is_person(self, actor: str) -> bool:
        return any(group.persona == actor.rpartition(" ")[2] for group in self.people)

    def _assumable(self, session: Principal) -> tuple[Principal, ...]:
        if session.role_arn is None:
            return ()
        key = (session.role_arn, *sorted(session.tags.items()))
        if key not in self._assumed:
            self._assumed[key] = tuple(
                _opened_from(session, role.principal)
                for role in self.roles.values()
                if role.admits_aws and self._may_assume(session, role)
            )
        return self._assumed[key]

    def _may_assume(self, session: Principal, role: Role) -> bool:
        resource = self.resources.asked_for(str(role.principal.role_arn), "sts:AssumeRole", "", {})
        keys = {"sts:RoleSessionName": [session.session], "sts:SourceIdentity": [session.session]}
        request = Request(principal=session, action="sts:AssumeRole", resource=resource, extra=keys)
        # A role that does not name the session lets it in no more under further policies, which take long to judge.
        return granted_by(request, request.context()) is not None and decide(request).allowed

    def _own_sessions(self, actor: str, place: str) -> tuple[Principal, ...]:
        team, _, name = actor.rpartition(" ")
        if actor == STRANGER:
            return (_administrator_of(STRANGERS_ACCOUNT),)
        if is_administrator(actor):
            return (_administrator_of(self.account(actor.removeprefix(ADMINISTRATOR).removeprefix(" of ") or place)),)
        if actor == ROOT:
            account = self.account(place)
            return (replace(_administrator_of(account), name=ROOT, role_arn=f"arn:aws:iam::{account.id}:root"),)
        if actor.endswith(".amazonaws.com"):
            return (Principal(name=actor, service=actor),)
        for group in (Group(name, None), Group(name, team or team_of(place))):
            if group in self.people:
                return self.people[group]
        return (self._role(actor, place),)

    def _role(self, actor: str, place: str) -> Principal:
        """A role by its short name, in the place or in the one before the slash."""
        elsewhere, _, short = actor.rpartition("/")
        home = elsewhere or place
        account = self.account(home)
        named = {
            role.principal.name: role.principal for role in self.roles.values() if role.principal.account == account
        }
        for name in (short, f"{home}-{short}", f"plinth-{short}"):
            if name in named:
                return named[name]
        raise UnsupportedError([f"{actor} in {home}, whose account has {', '.join(sorted(named))}"])


def _opened_from(session: Principal, role: Principal) -> Principal:
    """A session of the role under the name that it was assumed with, and with the tags that it inherits."""
    inherited = session.transitive_tags
    return replace(role, session=session.session, tags={**role.tags, **inherited}, transitive_tags=inherited)


def is_administrator(actor: str) -> bool:
    """Of the place, or of another (``an administrator of audit``)."""
    return actor.startswith(ADMINISTRATOR)


def team_of(place: str) -> str:
    """The team whose place it is, or the one that the table speaks of."""
    return TEAM if place in DURABLE_KINDS else StackIdentity.parse(place).team or TEAM


def _administrator_of(account: Account) -> Principal:
    return Principal(
        name=f"administrator of {account.id}",
        account=account,
        role_arn=f"arn:aws:iam::{account.id}:role/Admin",
        identity=(_EVERYTHING,),
    )


@cache
def world_of(variant: str) -> World:
    """Acme, whose people come from one office, as a variant of the table has it."""
    organization = example_organization(corporate_networks=[OFFICE_RANGE], **written().variants[variant])
    group = example_feature_group()
    return World(Deployment(example_foundation(organization=organization, feature_groups=[group])))


def example_world() -> World:
    """The first variant, from which the others differ."""
    return world_of(first_variant())
