"""Another client can read the sandbox's Parquet files."""

from datetime import datetime
from io import BytesIO

from pyarrow import parquet

from plinth_sandbox.emulator.parquet import Column, written

COLUMNS = [
    Column("card", "string"),
    Column("payments", "integer"),
    Column("spent", "fraction"),
    Column("is_deleted", "flag"),
    Column("write_time", "moment"),
]
ROWS = [
    {
        "card": "ä€",
        "payments": -5,
        "spent": 1.5,
        "is_deleted": True,
        "write_time": datetime(2026, 1, 2, 3, 4, 5, 678999),
    },
    {"payments": 2**40, "is_deleted": False},
    {"card": "", "is_deleted": True},
]


def test_a_file_reads_back_as_its_rows_with_nulls():
    table = parquet.read_table(BytesIO(written(COLUMNS, ROWS)))
    assert [(field.name, str(field.type)) for field in table.schema] == [
        ("card", "string"),
        ("payments", "int64"),
        ("spent", "double"),
        ("is_deleted", "bool"),
        ("write_time", "timestamp[ms]"),
    ]
    nothing = dict.fromkeys(column.name for column in COLUMNS)
    first = {**ROWS[0], "write_time": datetime(2026, 1, 2, 3, 4, 5, 678000)}
    assert table.to_pylist() == [first, {**nothing, **ROWS[1]}, {**nothing, **ROWS[2]}]


def test_equal_rows_produce_equal_files():
    assert written(COLUMNS, ROWS) == written(COLUMNS, ROWS)
