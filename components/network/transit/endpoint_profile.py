"""A Route 53 Profile that resolves service names to shared endpoints in other networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointProfileArgs:
    """Arguments of :class:`EndpointProfile`."""

    profile_name: str
    """Name of the profile in the account, up to 64 characters (a Route 53 limit)."""

    endpoint_arns: Mapping[str, pulumi.Input[str]]
    """ARNs of interface endpoints with private DNS names, by the services' stable names."""


class EndpointProfile(pulumi.ComponentResource):
    """A Route 53 Profile. VPCs associated with it resolve the services' names to its endpoints.

    Creates: the profile; one association per endpoint.

    Outputs: ``profile_id``, ``profile_arn``.

    Cost: charged per hour and associated VPC; see Route 53's price list.

    Example::

        profile = EndpointProfile("profile", EndpointProfileArgs(
            profile_name="acme-endpoints", endpoint_arns=endpoints.interface_arns,
        ))
    """

    profile_id: pulumi.Output[str]
    """Id of the profile, for associations with VPCs; known once it contains all endpoints."""
    profile_arn: pulumi.Output[str]
    """ARN of the profile, for sharing it."""

    def __init__(self, name: str, args: EndpointProfileArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:EndpointProfile", name, None, opts)
        profile = aws.route53.ProfilesProfile(name, name=args.profile_name, opts=pulumi.ResourceOptions(parent=self))
        found = [
            aws.route53.ProfilesResourceAssociation(
                f"{name}-{service}",
                name=service,
                profile_id=profile.id,
                resource_arn=arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for service, arn in args.endpoint_arns.items()
        ]
        complete = pulumi.Output.all(profile.id, *(association.id for association in found))
        self.profile_id = complete.apply(lambda known: str(known[0]))
        self.profile_arn = profile.arn
        self.register_outputs({"profile_id": self.profile_id, "profile_arn": self.profile_arn})
