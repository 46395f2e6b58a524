"""Which columns can fill a feature, and which features the script must compute."""

from __future__ import annotations

import pytest

from tests.unit.settings.corpus.datasets import AMOUNT, SEEN, filling
from tests.unit.settings.project import Project

TAKEN = {
    "string": ("string", "varchar(20)", "char(2)", "boolean", "date", "timestamp", "bigint", "decimal(12,2)"),
    "integral": ("tinyint", "smallint", "int", "bigint"),
    "fractional": ("float", "double", "decimal(12,2)", "int", "bigint"),
}
REFUSED = {
    "string": ("binary", "array<string>", "map<string,int>", "struct<a:int>"),
    "integral": ("double", "decimal(12,0)", "string", "boolean", "timestamp", "array<int>"),
    "fractional": ("string", "boolean", "date", "timestamp", "array<double>"),
}
CASES = [
    (feature, column, fits)
    for table, fits in ((TAKEN, True), (REFUSED, False))
    for feature, columns in table.items()
    for column in columns
]


@pytest.mark.requirement("FS-03.a")
@pytest.mark.parametrize(("feature", "column", "fits"), CASES)
def test_a_column_can_fill_a_feature_only_with_a_matching_type(project: Project, feature: str, column: str, fits: bool):
    group = {
        "owner": "data@acme.example",
        "classification": "internal",
        "record_identifier": "holder",
        "event_time": "seen",
        "features": [
            {"name": "holder", "type": "string"},
            {"name": "seen", "type": "string"},
            {"name": "value", "type": feature},
        ],
    }
    changed = filling(SEEN, {"name": "value", "type": column})(project)
    faults = changed.stack("features--card-activity", {"plinth:feature-group": group}).faults()
    assert [fault.value for fault in faults] == ([] if fits else ["value"])


@pytest.mark.requirement("FS-03.a")
def test_a_computed_feature_needs_no_column(project: Project):
    assert not filling(SEEN, computes=["amount"])(project).faults()
    assert not filling(SEEN, {**AMOUNT, "type": "string"}, computes=["amount"])(project).faults()
