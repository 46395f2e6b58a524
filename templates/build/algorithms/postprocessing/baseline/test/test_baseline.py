from __future__ import annotations

import json
from pathlib import Path

from postprocessing.baseline.__main__ import main


def test_the_job_describes_each_column(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("amount,country\n1.5,IE\n2.5,\n")
    main(["--train", str(tmp_path), "--output", str(tmp_path / "baseline")])
    statistics = json.loads((tmp_path / "baseline" / "statistics.json").read_text())
    assert statistics["dataset"] == {"item_count": 2}
    assert [feature["inferred_type"] for feature in statistics["features"]] == ["Fractional", "String"]
    constraints = json.loads((tmp_path / "baseline" / "constraints.json").read_text())
    assert [feature["completeness"] for feature in constraints["features"]] == [1.0, 0.5]
