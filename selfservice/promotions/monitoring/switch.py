"""The switch of the predictions of a use case in an environment: an object that its functions read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from runtime.promotion.decisions.people import user_of
from selfservice.errors import BadInputError
from selfservice.formatting import in_one_line
from selfservice.promotions.monitoring.places import WATCHES, MonitorPlace
from selfservice.promotions.place import explained
from settings.data.ml_layout import PredictionSwitch

ON, OFF = "on", "off"
MOST_OF_A_REASON = 200
_MISSING = ("404", "NoSuchKey")


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Whether predictions are given, and who decided it when."""

    state: str = ON
    reason: str = ""
    by: str = ""
    at: str = ""

    @property
    def is_off(self) -> bool:
        return self.state != ON

    @property
    def sentence(self) -> str:
        if not self.is_off:
            return f"Predictions are on{f', since {self.at} by {self.by}' if self.by else ''}."
        return f"Predictions are off since {self.at or 'an unknown time'} by {self.by or 'nobody known'}: {self.reason}"


def read_switch(place: MonitorPlace) -> State:
    """Returns the state. Without an object, predictions are on; one that cannot be read stops them.

    Raises: RefusedError without the permission.
    """
    from botocore.exceptions import ClientError

    with explained(WATCHES):
        try:
            answer = place.account.client("s3").get_object(Bucket=place.bucket, Key=_key(place))
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return State()
            raise
    try:
        found = json.load(answer["Body"])
        known = {name: in_one_line(str(found[name])) for name in ("state", "reason", "by", "at") if name in found}
    except (ValueError, TypeError):
        known = {"state": OFF}
    return State(**{"state": OFF, "reason": "the switch cannot be read", **known})


def set_switch(place: MonitorPlace, state: str, reason: str) -> State:
    """Turns predictions off or on, in the name of the person whose credentials the shell has, and returns the state.

    Raises: BadInputError without a reason, or for one that is too long; RefusedError without the permission.
    """
    if not reason.strip() or len(reason) > MOST_OF_A_REASON or not reason.isprintable():
        raise BadInputError(
            f"--reason: write why in 1 to {MOST_OF_A_REASON} characters of one line; callers whose requests are "
            f"refused read it; got {len(reason)}"
        )
    with explained(WATCHES):
        by = user_of(str(place.account.client("sts").get_caller_identity()["Arn"]))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        written = State(state=state, reason=reason.strip(), by=by, at=now)
        body = json.dumps(asdict(written), indent=2).encode()
        place.account.client("s3").put_object(Bucket=place.bucket, Key=_key(place), Body=body)
    return written


def _key(place: MonitorPlace) -> str:
    return PredictionSwitch(use_case=place.names.use_case).object_key
