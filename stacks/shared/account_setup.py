"""What every account gets, whichever stack it is named after: the switches of the whole account, a recorder, and once
there is an account that governs, the role that deploys."""

from __future__ import annotations

import pulumi

from components.audit.configuration_recorder import ConfigurationRecorder, ConfigurationRecorderArgs
from components.security.account_baseline import AccountBaseline, AccountBaselineArgs
from settings.derived.foundation import Foundation
from stacks.shared.account_context import AccountPlace
from stacks.shared.deployment import admit_deployer


def set_up_account(
    foundation: Foundation,
    place: AccountPlace,
    log_bucket_name: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    internet_egress: bool = False,
) -> None:
    """Set up an account as a whole, once: by the stack of the kind that it is named after (ST-15).

    Detectors are not here: the audit account turns them on in every account that joins the organization.
    """
    if not place.has_account_to_itself:
        return
    closed = AccountBaselineArgs(account_id=place.account_id, internet_egress=internet_egress)
    AccountBaseline("baseline", closed, opts)
    ConfigurationRecorder("recorder", ConfigurationRecorderArgs(log_bucket_name=log_bucket_name), opts)
    admit_deployer(foundation, place, opts)
