"""What every account gets, whichever stack it is named after: the switches of the whole account, and a recorder."""

from __future__ import annotations

import pulumi

from components.audit.configuration_recorder import ConfigurationRecorder, ConfigurationRecorderArgs
from components.security.account_baseline import AccountBaseline, AccountBaselineArgs


def set_up_account(
    account_id: pulumi.Input[str],
    log_bucket_name: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    internet_egress: bool = False,
) -> None:
    """Set up an account as a whole, once, by the stack of the kind that it is named after (ST-15).

    Detectors are not here: the audit account turns them on in every account that joins the organization.
    """
    AccountBaseline("baseline", AccountBaselineArgs(account_id=account_id, internet_egress=internet_egress), opts)
    ConfigurationRecorder("recorder", ConfigurationRecorderArgs(log_bucket_name=log_bucket_name), opts)
