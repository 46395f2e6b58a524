"""The example organization as its stacks provision it: principals, resources and policies.

Everything is read from what the stacks register under mocks, and an unknown name is an error. Five exceptions do not
come from the stacks: what AWS attaches and creates by itself (full-access control policies, the role that Organizations
creates in a new account), an account of another organization, an administrator in an account, an unrestricted role with
the name of continuous integration, and AWS services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from components.identity.workloads.bounded_role import ROLE_PATH
from iam_evaluator.errors import UnsupportedError
from iam_evaluator.evaluation import decide
from iam_evaluator.matching import granted_by
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import DURABLE_KINDS
from tests.access.table import first_variant, matrix
from tests.access.world.inventory import Inventory
from tests.access.world.landing import Landing
from tests.access.world.network_paths import OFFICE_RANGE, NetworkPaths
from tests.access.world.people import Group, people
from tests.access.world.resources import Resources
from tests.access.world.roles import Role, roles
from tests.access.world.use_case import deploy_use_case
from tests.support.every_stack import (
    Deployment,
    example_feature_group,
    example_foundation,
    example_organization,
)

STRANGER, ADMINISTRATOR, ROOT = "a stranger", "an administrator", "the root user"
EXTERNAL_ACCOUNT = Account(id="999999999999", organization_id="o-stranger99")
ACCOUNT_OF_AWS = Account(id="763104351884")
"""Account in which AWS publishes SageMaker images (Developer Guide, "Docker registry paths"). It is in no
organization."""
ORGANIZATION_ROLE = "OrganizationAccountAccessRole"
UNRESTRICTED_INTEGRATION = "an unrestricted integration role"
"""A role named as those of continuous integration, which may do all that the organization does not deny."""
TEAM = "fraud"
"""Team whose people and roles act if the place belongs to no team."""
USE_CASE = "scoring"
"""The one use case of that team."""

_EVERYTHING = Policy.parse(
    "AdministratorAccess", '{"Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}'
)


@dataclass(frozen=True)
class World:
    """The stacks of an organization, combined."""

    deployment: Deployment
    _assumed: dict[tuple[object, ...], tuple[Principal, ...]] = field(default_factory=dict, init=False)
    """Cache of the sessions that a session may assume, by role ARN and tags."""

    @cached_property
    def inventory(self) -> Inventory:
        return Inventory({**self.deployment, "use case": deploy_use_case(self.deployment, TEAM, USE_CASE)})

    @cached_property
    def landing(self) -> Landing:
        return Landing.of(self.inventory)

    @cached_property
    def accounts(self) -> Mapping[str, Account]:
        outside = {account.id: account for account in (EXTERNAL_ACCOUNT, ACCOUNT_OF_AWS)}
        return {**self.landing.accounts, **outside}

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        return roles(self.inventory, self.accounts)

    def roles_named(self, name: str) -> list[Principal]:
        """Returns the role of this name in each account that has one, as a principal."""
        return [role.principal for role in self.roles.values() if role.principal.name == name]

    @cached_property
    def people(self) -> Mapping[Group, tuple[Principal, ...]]:
        return people(self.inventory, self.accounts)

    @cached_property
    def resources(self) -> Resources:
        return Resources.of(self.inventory, self.accounts, self.roles)

    @cached_property
    def ways(self) -> NetworkPaths:
        return NetworkPaths(self.inventory, self.accounts)

    def account(self, place: str) -> Account:
        """Returns the account of a place: an environment stack or a durable kind."""
        if place in DURABLE_KINDS:
            return self.accounts[self.deployment["organization"].exports["accounts"][place]]
        identity = StackIdentity.parse(place)
        return self.accounts[self.deployment[identity.team or ""].exports["accounts"][identity.environment]]

    def names(self, place: str) -> dict[str, str]:
        """Returns the values of names in braces in the ARN of a place's resource."""
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
        """Returns every session of an actor: their own, and those of every role that they may assume, directly or
        not."""
        reached = list(self._own_sessions(actor, place))
        known = {session.role_arn for session in reached}
        for session in reached:  # The list grows during the iteration.
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
        resource = self.resources.requested(str(role.principal.role_arn), "sts:AssumeRole", "", {})
        keys = {"sts:RoleSessionName": [session.session], "sts:SourceIdentity": [session.session]}
        request = Request(principal=session, action="sts:AssumeRole", resource=resource, extra=keys)
        # A trust policy that does not name the session is decisive, so the slower full evaluation is skipped.
        return granted_by(request, request.context()) is not None and decide(request).allowed

    def _own_sessions(self, actor: str, place: str) -> tuple[Principal, ...]:
        team, _, name = actor.rpartition(" ")
        if actor == STRANGER:
            return (_administrator_of(EXTERNAL_ACCOUNT),)
        if is_administrator(actor):
            return (_administrator_of(self.account(actor.removeprefix(ADMINISTRATOR).removeprefix(" of ") or place)),)
        if actor == UNRESTRICTED_INTEGRATION:
            account = self.account(place)
            name = f"arn:aws:iam::{account.id}:role{ROLE_PATH}{TEAM}--{USE_CASE}-integration"
            return (replace(_administrator_of(account), name=actor, role_arn=name),)
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
        """Returns a role by its short name, in the place or in the place before the slash."""
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
    """Returns a session of the role with the session name and the inherited tags of the session that opens it."""
    inherited = session.transitive_tags
    return replace(role, session=session.session, tags={**role.tags, **inherited}, transitive_tags=inherited)


def is_administrator(actor: str) -> bool:
    """Whether an actor is an administrator, of the place or of another (``an administrator of audit``)."""
    return actor.startswith(ADMINISTRATOR)


def team_of(place: str) -> str:
    """Returns the team of a place, or the default team."""
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
    """Returns the world of a variant of the matrix: the organization Acme, whose people work from one office."""
    organization = example_organization(corporate_networks=[OFFICE_RANGE], packages={}, **matrix().variants[variant])
    group = example_feature_group()
    return World(Deployment(example_foundation(organization=organization, feature_groups=[group])))


def example_world() -> World:
    """Returns the world of the first variant, from which the others differ."""
    return world_of(first_variant())
