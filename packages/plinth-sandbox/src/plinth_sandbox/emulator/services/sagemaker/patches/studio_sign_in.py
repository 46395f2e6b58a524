"""Sign-in to SageMaker domains: the application of Identity Center that a domain has, and the people of its profiles.

Sources, read on 2026-11-21: CreateUserProfile in the SageMaker API Reference (``SingleSignOnUserValue`` is required in
a domain that uses Identity Center, must be a user of the directory, and must not be given elsewhere) and DescribeDomain
(``SingleSignOnApplicationArn``). SageMaker also creates the profile of a person who is not assigned to the application;
only the sign-in fails (boto/boto3#3180, hashicorp/terraform-provider-aws#28958).
"""

from __future__ import annotations

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.identity_center.patches.organization_instance import has_user_name, instance_of
from plinth_sandbox.emulator.store.record import Place, Record

_APPLICATION_ARN = "SingleSignOnApplicationArn"
_IDENTITY_CENTER = "SSO"


def _create_domain(exchange: Exchange) -> Answer:
    """Creates the application in the instance of the organization, which another account may own."""
    answer = exchange.below()
    if not answer.succeeded or exchange.call.parameters["AuthMode"] != _IDENTITY_CENTER:
        return answer
    domain = exchange.kept("Domain", {"DomainId": exchange.call.result(answer)["DomainId"]})
    assert domain is not None, "it was just created"
    instance = instance_of(exchange.call)
    name = instance.instance_arn.rpartition("/")[2]
    arn = f"arn:aws:sso::{instance.account_id}:application/{name}/apl-{mock_random.get_random_hex(16)}"
    values = {
        "ApplicationArn": arn,
        "ApplicationProviderArn": "arn:aws:sso::aws:applicationProvider/sagemaker",
        "Name": f"Amazon SageMaker Studio ({domain.values['DomainId']})",
        "ApplicationAccount": exchange.call.account,
        "InstanceArn": instance.instance_arn,
        "Status": "ENABLED",
    }
    exchange.memory.store.add(Record(_center(exchange), "Application", values, arn))
    domain.values[_APPLICATION_ARN] = arn
    return answer


def _delete_domain(exchange: Exchange) -> Answer:
    """Deletes the application with its assignments."""
    domain = exchange.kept("Domain", {"DomainId": exchange.call.parameters["DomainId"]})
    answer = exchange.below()
    if answer.succeeded and domain is not None and (arn := domain.values.get(_APPLICATION_ARN)):
        store, center = exchange.memory.store, _center(exchange)
        for noun in ("ApplicationAssignment", "Application"):
            for record in [
                candidate for candidate in store.records(center, noun) if candidate.values["ApplicationArn"] == arn
            ]:
                store.remove(record)
    return answer


def _center(exchange: Exchange) -> Place:
    """Returns the place of what the organization's instance contains."""
    return Place(instance_of(exchange.call).account_id, exchange.call.region, "sso-admin")


def _create_user_profile(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    domain = exchange.kept("Domain", {"DomainId": given["DomainId"]})
    if domain is None:
        return exchange.below()
    person = given.get("SingleSignOnUserValue")
    named = person is not None and given.get("SingleSignOnUserIdentifier") is not None
    if domain.values["AuthMode"] != _IDENTITY_CENTER:
        if person is not None or given.get("SingleSignOnUserIdentifier") is not None:
            raise AwsError(
                "ValidationException",
                "SingleSignOnUserIdentifier and SingleSignOnUserValue are not allowed: the AuthMode of domain "
                f"{given['DomainId']} is not SSO.",
            )
    elif not named:
        raise AwsError(
            "ValidationException",
            "SingleSignOnUserIdentifier and SingleSignOnUserValue are required: the AuthMode of domain "
            f"{given['DomainId']} is SSO.",
        )
    elif not has_user_name(instance_of(call), call.region, str(person)):
        raise AwsError("ValidationException", f"SSO user with UserName {person} does not exist.")
    return exchange.below()


PATCHES: Patches = {
    "CreateDomain": _create_domain,
    "CreateUserProfile": _create_user_profile,
    "DeleteDomain": _delete_domain,
}
