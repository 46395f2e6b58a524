"""Refuses Studio users whom the directory of IAM Identity Center does not have, before anything is built.

SageMaker refuses the profile of such a person, which would stop an operation in the middle (SageMaker API Reference,
CreateUserProfile, read on 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.runner.project import Project
from selfservice.runner.states import existing_stacks, resources_by_stack
from settings.types.aws.account_access import REVIEW

_PROFILE = "aws:sagemaker/userProfile:UserProfile"


def refuse_unknown_people(project: Project, stacks: Sequence[str]) -> None:
    """Raises BadInputError with every person in the settings of these stacks who is not in the directory.

    Asks AWS only for people without a deployed profile. If there is no Identity Center instance, the stack ``identity``
    reports it.
    """
    new = {environment: people for environment, people in _people_without_profile(project, stacks) if people}
    if not new:
        return
    from botocore.exceptions import BotoCoreError, ClientError

    directory_account = _management_account(project)
    try:
        instances = directory_account.client("sso-admin").list_instances()["Instances"]
        if not instances:
            return
        directory = instances[0]["IdentityStoreId"]
        names = sorted({name for people in new.values() for name in people})
        known = _known(directory_account.client("identitystore"), directory, names)
    except (BotoCoreError, ClientError) as error:
        raise BadInputError(
            f"the directory of IAM Identity Center cannot be read: {error}; use credentials of the management account "
            "that allow sso:ListInstances and identitystore:GetUserId"
        ) from error
    unknown = {environment: [one for one in people if one not in known] for environment, people in new.items()}
    if any(unknown.values()):
        raise BadInputError(_message(unknown, directory))


def _management_account(project: Project) -> Account:
    """Returns the management account, which a read-only operation enters with the role for reviews."""
    id_ = project.management_account_id or ""
    role = REVIEW.role_arn(id_) if project.read_only else None
    return Account(id=id_, region=project.home_region, role_arn=role)


def _message(unknown: Mapping[str, Sequence[str]], directory: str) -> str:
    lines = [
        f"Pulumi.{environment}.yaml: plinth:environment.studio.users.{name}: "
        f"'{name}' is not a user name of the directory"
        for environment, people in unknown.items()
        for name in people
    ]
    listed = "\n  ".join(lines)
    return (
        f"nothing was touched, because the directory {directory} of IAM Identity Center lacks these people:\n"
        f"  {listed}\n"
        "A Studio user has the user name of a person in the directory, in the same spelling. Correct the name, or "
        "add the person to the directory: at its source if it is synchronised, or else with\n"
        f"  aws identitystore create-user --identity-store-id {directory} --user-name NAME "
        "--display-name 'FIRST LAST' --name GivenName=FIRST,FamilyName=LAST"
    )


def _people_without_profile(project: Project, stacks: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yields the environments whose Studio stacks are among these, with the people who have no profile yet."""
    made = existing_stacks(project)
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
        yield environment, [name for name in people if name not in deployed]


def _known(client: Any, directory: str, names: Sequence[str]) -> set[str]:
    """Returns the names that are user names of the directory."""
    found = set()
    for name in names:
        attribute = {"AttributePath": "userName", "AttributeValue": name}
        try:
            client.get_user_id(IdentityStoreId=directory, AlternateIdentifier={"UniqueAttribute": attribute})
        except client.exceptions.ResourceNotFoundException:
            continue
        found.add(name)
    return found
