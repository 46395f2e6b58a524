"""Resources of every account: account-wide settings, a configuration recorder and, once a governance account exists,
the roles that deploy and that review.
"""

from __future__ import annotations

import pulumi

from components.audit.configuration_recorder import ConfigurationRecorder, ConfigurationRecorderArgs
from components.security.account_baseline import AccountBaseline, AccountBaselineArgs
from settings.derived.foundation import Foundation
from stacks.shared.account_context import AccountContext
from stacks.shared.deployment import create_deployer_role, create_reviewer_role


def set_up_account(
    foundation: Foundation,
    context: AccountContext,
    configuration_bucket_name: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    internet_egress: bool = False,
) -> None:
    """Sets up an account as a whole. Only the stack of the kind that the account is named after does so (ST-15).

    Creates no detectors: the audit account enables them in every account that joins the organization.
    """
    if not context.has_account_to_itself:
        return
    baseline = AccountBaselineArgs(account_id=context.account_id, internet_egress=internet_egress)
    AccountBaseline("baseline", baseline, opts)
    ConfigurationRecorder("recorder", ConfigurationRecorderArgs(bucket_name=configuration_bucket_name), opts)
    create_deployer_role(foundation, context, opts)
    create_reviewer_role(
        foundation,
        context.account,
        opts,
        account_id=context.account_id,
        organization=context.organization,
    )
