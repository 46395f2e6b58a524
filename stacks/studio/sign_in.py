"""Sign-in to an environment's Studio with IAM Identity Center."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.studio.sign_in_assignment import SignInAssignment, SignInAssignmentArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import profile_name
from stacks.shared.outputs import IdentityOutputs
from stacks.shared.people import find_user
from stacks.shared.providers.accounts import management_provider
from stacks.shared.references import read


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """The directory of the organization, and a provider for the account that owns it."""

    identity_store_id: pulumi.Output[str]
    provider: aws.Provider

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation, own: aws.Provider) -> SignIn | None:
        """Returns the sign-in, or None if people use IAM. ``own`` is the provider of the environment's account, which
        may be the management account."""
        if foundation.organization.sign_in != "identity-center":
            return None
        identity = read(IdentityOutputs, StackIdentity("identity"))
        in_management = foundation.account_of_stack(stack).kind == "organization"
        provider = own if in_management else management_provider(foundation, stack)
        return cls(identity_store_id=identity.identity_store_id, provider=provider)

    def assign(self, user_name: str, application_arn: pulumi.Input[str]) -> SignInAssignment:
        """Assigns a person to the domain's application. An update fails if the directory has no such person."""
        user_id = find_user(user_name, self.identity_store_id, self.provider)
        args = SignInAssignmentArgs(application_arn=application_arn, user_id=user_id)
        return SignInAssignment(
            f"sign-in-{profile_name(user_name)}", args, pulumi.ResourceOptions(provider=self.provider)
        )
