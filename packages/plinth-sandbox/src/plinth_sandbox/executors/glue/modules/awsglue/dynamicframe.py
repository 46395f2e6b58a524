"""``DynamicFrame`` as a wrapper of a Spark data frame."""

from __future__ import annotations

from pyspark.sql import DataFrame


class DynamicFrame:
    def __init__(self, frame: DataFrame | None, glue_context: object, name: str) -> None:
        self._frame, self._context, self._name = frame, glue_context, name

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: object, name: str) -> DynamicFrame:  # noqa: N802 (Glue's name)
        return cls(dataframe, glue_ctx, name)

    def toDF(self) -> DataFrame:  # noqa: N802 (Glue's name)
        if self._frame is None:
            raise ValueError(f"{self._name}: nothing was read, so nothing is known of its columns")
        return self._frame

    def count(self) -> int:
        return 0 if self._frame is None else self._frame.count()
