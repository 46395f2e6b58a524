"""Retention periods of CloudWatch Logs."""

from __future__ import annotations

from typing import Annotated

from settings.types.values import one_of

LOG_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""Retention periods that CloudWatch Logs accepts (PutRetentionPolicy)."""
LogRetentionDays = Annotated[int, one_of(LOG_RETENTION_DAYS, "days")]
"""Days to keep logs."""
AUDITED_DAYS = 365
"""Days that cover a yearly audit."""
PROMOTION_DAYS = 3653
"""Ten years, because the logs of promotions belong to the history of a model in production."""
