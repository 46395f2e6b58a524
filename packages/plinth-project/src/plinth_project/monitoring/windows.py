"""Windows of time that a comparison covers: hours and days in UTC, named as folders of captures are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_FORMS = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}
_LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2})?")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """An hour or a day, such as ``2026-11-27T13`` or ``2026-11-27``."""

    start: datetime
    kind: str

    @classmethod
    def named(cls, name: str) -> Window:
        """Returns the window with a name. Raises ValueError for a text that is none."""
        kind = "hour" if "T" in name else "day"
        try:
            if not _NAME.fullmatch(name):
                raise ValueError(name)
            return cls(datetime.strptime(name, _FORMS[kind]).replace(tzinfo=UTC), kind)
        except ValueError:
            raise ValueError(
                f"window: {name!r} is none; write a day such as 2026-11-27, or an hour such as 2026-11-27T13"
            ) from None

    @classmethod
    def around(cls, time: datetime, kind: str) -> Window:
        """Returns the window of a kind in which a time is."""
        return cls.named(time.astimezone(UTC).strftime(_FORMS[kind]))

    @classmethod
    def before(cls, time: datetime, kind: str) -> Window:
        """Returns the last window of a kind that has ended at a time."""
        return cls.around(time - _LENGTHS[kind], kind)

    @property
    def name(self) -> str:
        return self.start.strftime(_FORMS[self.kind])

    @property
    def end(self) -> datetime:
        """Time at which the next window begins."""
        return self.start + _LENGTHS[self.kind]

    @property
    def folder(self) -> str:
        """Folder of its captures in that of a variant: ``2026/11/27/13/`` or ``2026/11/27/`` (SageMaker Developer
        Guide, "View captured data")."""
        return self.start.strftime("%Y/%m/%d/%H/" if self.kind == "hour" else "%Y/%m/%d/")
