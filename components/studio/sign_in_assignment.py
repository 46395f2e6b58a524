"""The assignment of a person to the Identity Center application of a Studio domain."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInAssignmentArgs:
    """Arguments of :class:`SignInAssignment`."""

    application_arn: pulumi.Input[str]
    """ARN of the application that SageMaker created for the domain."""

    user_id: pulumi.Input[str]
    """Id of the person in the directory. It is not the user name."""


class SignInAssignment(pulumi.ComponentResource):
    """Assigns one person to the application of a Studio domain, without which Identity Center denies the sign-in.

    Only the account that owns the Identity Center instance may assign, so the component needs a provider of it. Persons
    are assigned and not groups, because SageMaker creates a profile with the domain's default role for every assigned
    person who signs in.

    Creates: one application assignment.

    Outputs: ``user_id``.

    Cost: none.

    Example::

        SignInAssignment("sign-in-ada", SignInAssignmentArgs(
            application_arn=studio.application_arn, user_id=ada.user_id,
        ), pulumi.ResourceOptions(provider=management))
    """

    user_id: pulumi.Output[str]
    """Id of the assigned person."""

    def __init__(self, name: str, args: SignInAssignmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:studio:SignInAssignment", name, None, opts)
        assignment = aws.ssoadmin.ApplicationAssignment(
            name,
            application_arn=args.application_arn,
            principal_type="USER",
            principal_id=args.user_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.user_id = assignment.principal_id
        self.register_outputs({"user_id": self.user_id})
