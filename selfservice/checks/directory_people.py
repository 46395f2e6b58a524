"""Refuses people whom the directory of IAM Identity Center does not have, before anything is built.

SageMaker refuses the profile of such a Studio user, which would stop an operation in the middle (SageMaker API
Reference, CreateUserProfile, read on 2026-11-21). Nothing refuses an approver who does not exist: promotions would wait
for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from selfservice.engine.account_access import Account
from selfservice.engine.people_directory import PeopleDirectory
from selfservice.errors import BadInputError
from selfservice.projects.project import Project
from selfservice.projects.states import existing_stacks, resources_by_stack
from settings.types.aws.account_access import REVIEW

_PROFILE = "aws:sagemaker/userProfile:UserProfile"


def refuse_unknown_people(project: Project, stacks: Sequence[str]) -> None:
    """Raises BadInputError with every person in the settings of these stacks who is not in the directory.

    Asks AWS only for Studio users without a deployed profile, and for the people of use cases that are not deployed:
    who has left the company since stops no deployment. If there is no Identity Center instance, the stack ``identity``
    reports it.
    """
    made = existing_stacks(project) if project.studio_users or project.delivery_people else frozenset()
    new = [*_people_without_profile(project, stacks, made), *_people_of_new_use_cases(project, stacks, made)]
    if not new:
        return
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        directory = PeopleDirectory.of(_management_account(project))
        if directory is None:
            return
        missing = directory.unknown(name for _, people in new for name in people)
    except (BotoCoreError, ClientError) as error:
        raise BadInputError(
            f"the directory of IAM Identity Center cannot be read: {error}; use credentials of the management account "
            "that allow sso:ListInstances and identitystore:GetUserId"
        ) from error
    if missing:
        unknown = [(place, name) for place, people in new for name in people if name in missing]
        raise BadInputError(_message(unknown, directory.identity_store_id))


def _management_account(project: Project) -> Account:
    """Returns the management account, which a read-only operation enters with the role for reviews."""
    id_ = project.management_account_id or ""
    role = REVIEW.role_arn(id_) if project.read_only else None
    return Account(id=id_, region=project.home_region, role_arn=role)


def _message(unknown: Sequence[tuple[str, str]], directory: str) -> str:
    listed = "\n  ".join(f"{place}: '{name}' is not a user name of the directory" for place, name in unknown)
    return (
        f"nothing was touched, because the directory {directory} of IAM Identity Center lacks these people:\n"
        f"  {listed}\n"
        "People have their user name in the directory, in the same spelling. Correct the name, or "
        "add the person to the directory: at its source if it is synchronised, or else with\n"
        f"  aws identitystore create-user --identity-store-id {directory} --user-name NAME "
        "--display-name 'FIRST LAST' --name GivenName=FIRST,FamilyName=LAST"
    )


def _people_without_profile(
    project: Project, stacks: Sequence[str], made: Collection[str]
) -> Iterator[tuple[str, list[str]]]:
    """Yields the places in the settings of Studio users who have no profile yet."""
    for environment, people in project.studio_users.items():
        studios = [stack for stack in project.graph if stack.startswith(f"{environment}-studio")]
        if not people or not set(studios) & set(stacks):
            continue
        held = resources_by_stack(project, [stack for stack in studios if stack in made])
        deployed = {
            resource.get("inputs", {}).get("singleSignOnUserValue")
            for resources in held.values()
            for resource in resources
            if resource["type"] == _PROFILE
        }
        users = f"Pulumi.{environment}.yaml: plinth:environment.studio.users"
        yield from ((f"{users}.{name}", [name]) for name in people if name not in deployed)


def _people_of_new_use_cases(
    project: Project, stacks: Sequence[str], made: Collection[str]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Yields the places in the settings of the people of use cases without a deployed stack."""
    for stack, people in project.delivery_people.items():
        if stack in stacks and stack not in made:
            team, _, use_case = stack.partition("--")
            yield f"Pulumi.{team}.yaml: plinth:team.use_cases.{use_case}.delivery", people
