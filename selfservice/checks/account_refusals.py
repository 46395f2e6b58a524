"""Explanations of refusals of AWS Organizations: the cause, whether it is tried again, and what stays."""

from __future__ import annotations

import re

_STAYS = "Accounts that exist by now stay, and the next run creates only the others."
_BUSY = (
    f"Another change of the organization is under way. The provider has tried again for a while. Run it again. {_STAYS}"
)
_EXPLANATIONS = {
    r"EMAIL_ALREADY_EXISTS|DuplicateAccountException": (
        "Another AWS account has this e-mail address; closed accounts keep theirs. Trying again does not help: write "
        "another address (`accounts.<environment>.email`), or adopt the account (`accounts.<environment>.id`). "
        f"{_STAYS}"
    ),
    r"ACCOUNT_(NUMBER_)?LIMIT_EXCEEDED|exceeded the allowed number of AWS accounts": (
        "The organization has as many accounts as its quota allows; closed ones count for 90 days. Trying again does "
        "not help: request a higher quota (Service Quotas, AWS Organizations, L-E619E033), and run it again then. "
        f"{_STAYS}"
    ),
    r"CONCURRENT_ACCOUNT_MODIFICATION|ConcurrentModificationException": _BUSY,
    r"TooManyRequestsException": (
        "AWS Organizations limits the rate of calls. The provider has tried again for a while. Run it again with a "
        f"lower `--jobs`. {_STAYS}"
    ),
    r"FinalizingOrganizationException": (
        f"AWS is still setting the organization up, which takes up to an hour. Run it again then. {_STAYS}"
    ),
    r"INVALID_EMAIL": (
        "AWS does not accept the e-mail address. Trying again does not help: write another one "
        f"(`accounts.<environment>.email`). {_STAYS}"
    ),
    r"(MISSING|INVALID)_PAYMENT_INSTRUMENT": (
        "The management account has no valid means of payment. Trying again does not help: correct it in the billing "
        f"console, and run it again then. {_STAYS}"
    ),
    r"(MISSING|PENDING|FAILED|INVALID)_BUSINESS_VALIDATION": (
        f"AWS has not verified the business of the management account. Ask AWS Support, and run it again then. {_STAYS}"
    ),
    r"INTERNAL_FAILURE": f"AWS has failed to create the account. Run it again, or ask AWS Support. {_STAYS}",
}
_OF_ORGANIZATIONS = re.compile(r"Organizations|aws:organizations/|CreateAccount")


def explained(message: str) -> str:
    """Returns an error of a provider with what it means, if AWS Organizations has refused something."""
    if not _OF_ORGANIZATIONS.search(message):
        return message
    for pattern, meaning in _EXPLANATIONS.items():
        if re.search(rf"\b(?:{pattern})\b", message):
            return f"{message}\n{meaning}"
    return message
