"""Amazon Macie in all accounts of the organization. Optional, because it is charged by the data it inspects."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalDataSearchArgs:
    """Arguments of :class:`PersonalDataSearch`."""

    is_delegated: bool
    """Whether the account is Macie's delegated administrator, so that new member accounts are enabled too."""


class PersonalDataSearch(pulumi.ComponentResource):
    """Macie, which samples all buckets for personal data and reports findings to Security Hub.

    Creates: Macie's activation; if delegated, its activation for members of the organization.

    Outputs: ``service_role``.

    Cost: 0.10 USD per bucket a month, and about 1 USD per GB inspected.

    Example::

        PersonalDataSearch("personal-data", PersonalDataSearchArgs(is_delegated=True))
    """

    service_role: pulumi.Output[str]
    """ARN of the role with which Macie reads."""

    def __init__(self, name: str, args: PersonalDataSearchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:PersonalDataSearch", name, None, opts)
        on = aws.macie2.Account(
            name,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            status="ENABLED",
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.is_delegated:
            aws.macie2.OrganizationConfiguration(
                f"{name}-members",
                auto_enable=True,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[on]),
            )
        self.service_role = on.service_role
        self.register_outputs({"service_role": self.service_role})
