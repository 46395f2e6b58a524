"""Time and memory of the comparison of a window: ``python -m benchmarks.monitoring --times 50 --evidently``.

The floor of reading is ``json.loads`` of the same lines and bodies; that of comparing is a sort of each column of
numbers. Peak memory includes that of the generated data. The peer is Evidently, which compares the same rows.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plinth_project.modules import load
from plinth_project.monitoring.baseline import Baseline, read_baseline
from plinth_project.monitoring.captures import Captures
from plinth_project.monitoring.comparison.verdict import compare
from plinth_project.monitoring.report import Limits
from plinth_sandbox.engine.network import network_environment

ALGORITHMS = Path(__file__).parents[1] / "templates/build/algorithms"
PEER = Path(__file__).parent / "peers" / "evidently_drift.py"
EVIDENTLY = "evidently==0.7.23"
_TRAINED = 5_000
_BODY = {"observedContentType": "application/json", "encoding": "JSON"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monitoring", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="different rows, one in each request")
    parser.add_argument("--times", type=int, default=1, help="how often the window contains them; 50 is a million rows")
    parser.add_argument("--columns", type=int, default=200, help="features, of which every fifth is a text")
    parser.add_argument("--evidently", action="store_true", help=f"compare also with {EVIDENTLY}, which is installed")
    options = parser.parse_args()
    trained, window = (_data(rows, options.columns, seed=seed) for rows, seed in ((_TRAINED, 1), (options.rows, 2)))
    with tempfile.TemporaryDirectory(prefix="plinth-benchmark-") as name:
        folder = Path(name)
        theirs = _by_evidently(folder, trained, window, options.times) if options.evidently else None
        baseline, file = baseline_of(folder, trained), folder / "1.jsonl"
        numbers = _capture(file, window)
        size = file.stat().st_size * options.times / 2**20
        floor = _timed(lambda: _parse(file))[0] * options.times
        sorting = _timed(lambda: [np.sort(np.tile(column, options.times)) for column in numbers])[0]
        captures = Captures([file] * options.times, list(baseline.columns))
        reading = _timed(lambda: sum(len(batch.rows) for batch in captures.batches()))[0]
        captures = Captures([file] * options.times, list(baseline.columns))
        both, report = _timed(lambda: compare(captures, baseline, Limits.of(baseline), window="2026-11-27T13"))
    print(f"{report.rows:,} rows, {options.columns} columns, {size:,.0f} MiB of captures")
    print(f"reading {reading:.2f} s of processor time, {reading / floor:.2f} of json.loads alone ({floor:.2f} s)")
    print(
        f"comparing {both - reading:.2f} s, {(both - reading) / sorting:.1f} of sorting the numbers ({sorting:.2f} s)"
    )
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, data included: {report.verdict}")
    if theirs is not None:
        print(
            f"{EVIDENTLY}, which gets a table: {theirs['seconds']:.1f} s, {theirs['seconds'] / both:.1f} of reading "
            f"and comparing; peak {theirs['peak_mib']:,.0f} MiB; {theirs['drifted']:.0f} columns drifted"
        )


def _by_evidently(folder: Path, trained: pd.DataFrame, window: pd.DataFrame, times: int) -> dict[str, float]:
    """Returns what Evidently takes in an environment of its own: ``seconds``, ``peak_mib`` and ``drifted``."""
    uv, python = Path(sys.executable).with_name("uv"), folder / "environment" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", folder / "environment"], check=True, env=network_environment())
    install = [uv, "pip", "install", "--quiet", "--python", python, EVIDENTLY, "pandas<3"]
    subprocess.run(install, check=True, env=network_environment())
    files = [folder / "trained.pickle", folder / "window.pickle"]
    for file, table in zip(files, (trained, window), strict=True):
        file.write_bytes(pickle.dumps({name: table[name].tolist() for name in table}))
    done = subprocess.run([python, PEER, *files, str(times)], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


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


def baseline_of(folder: Path, train: pd.DataFrame, predictions: Sequence[float] = ()) -> Baseline:
    """Returns the baseline of training data, as the build writes it into a folder."""
    template = load(ALGORITHMS, "shared_libraries/statistics.py")
    files = folder / "statistics.json", folder / "constraints.json"
    for file, content in zip(
        files, (template.statistics(train, predictions), template.constraints(train)), strict=True
    ):
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
