"""Time and memory of the comparison of a window: ``python -m benchmarks.monitoring --rows 20000 --columns 200``.

The floor of reading is ``json.loads`` of the same lines and bodies; that of comparing is a sort of each column of
numbers. Peak memory includes that of the generated data.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plinth_project.modules import load
from plinth_project.monitoring.baseline import Baseline, read_baseline
from plinth_project.monitoring.captures import Captures
from plinth_project.monitoring.report import Limits
from plinth_project.monitoring.verdict import compare

ALGORITHMS = Path(__file__).parents[1] / "templates/build/algorithms"
_TRAINED = 5_000
_BODY = {"observedContentType": "application/json", "encoding": "JSON"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monitoring", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="captured rows, one in each request")
    parser.add_argument("--columns", type=int, default=200, help="features, of which every fifth is a text")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plinth-benchmark-") as folder:
        baseline = _baseline(Path(folder), _data(_TRAINED, options.columns, seed=1))
        file = Path(folder) / "1.jsonl"
        numbers = _capture(file, _data(options.rows, options.columns, seed=2))
        floor, _ = _timed(lambda: _parse(file))
        sorting, _ = _timed(lambda: [np.sort(column) for column in numbers])
        captures = Captures([file], list(baseline.columns))
        reading, _ = _timed(lambda: sum(len(batch.rows) for batch in captures.batches()))
        captures = Captures([file], list(baseline.columns))
        both, report = _timed(lambda: compare(captures, baseline, Limits.of(baseline), window="2026-11-27T13"))
        print(f"{options.rows:,} rows, {options.columns} columns, {file.stat().st_size / 2**20:,.0f} MiB")
    print(f"reading {reading:.2f} s of processor time, {reading / floor:.2f} of json.loads alone ({floor:.2f} s)")
    print(
        f"comparing {both - reading:.2f} s, {(both - reading) / sorting:.1f} of sorting the numbers ({sorting:.2f} s)"
    )
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, data included: {report.verdict}")


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


def _data(rows: int, columns: int, *, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    values = [f"value {number}" for number in range(20)]
    return pd.DataFrame(
        {
            f"column_{place}": random.choice(values, rows) if place % 5 == 0 else random.normal(100, 20, rows)
            for place in range(columns)
        }
    )


def _baseline(folder: Path, train: pd.DataFrame) -> Baseline:
    template = load(ALGORITHMS, "shared_libraries/statistics.py")
    files = folder / "statistics.json", folder / "constraints.json"
    for file, content in zip(files, (template.statistics(train), template.constraints(train)), strict=True):
        file.write_text(json.dumps(content))
    return read_baseline(*files)


def _capture(file: Path, table: pd.DataFrame) -> list[Any]:
    """Writes a capture for each row, and returns the columns of numbers."""
    answer = {**_BODY, "data": json.dumps({"predictions": [0.5]})}
    with file.open("w") as lines:
        for row in table.to_dict("records"):
            asked = {**_BODY, "data": json.dumps({"instances": [row]})}
            lines.write(json.dumps({"captureData": {"endpointInput": asked, "endpointOutput": answer}}) + "\n")
    return [table[name].to_numpy() for name in table.select_dtypes("number")]


def _parse(file: Path) -> None:
    with file.open() as lines:
        for line in lines:
            data = json.loads(line)["captureData"]
            for part in ("endpointInput", "endpointOutput"):
                json.loads(data[part]["data"])


if __name__ == "__main__":
    main()
