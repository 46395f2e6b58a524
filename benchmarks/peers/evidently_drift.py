"""Compares two tables with Evidently: ``python evidently_drift.py TRAINED.pkl WINDOW.pkl TIMES``.

It runs in an environment that has Evidently, and prints processor time, peak memory and the number of drifted columns.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def main(trained: str, window: str, times: str) -> None:
    warnings.simplefilter("ignore")
    reference = pd.DataFrame(pd.read_pickle(trained))
    current = pd.concat([pd.DataFrame(pd.read_pickle(window))] * int(times), ignore_index=True)
    started = time.process_time()
    found = Report([DataDriftPreset()]).run(current_data=current, reference_data=reference).dict()
    seconds = time.process_time() - started
    drifted = next(
        metric["value"]["count"]
        for metric in found["metrics"]
        if metric["metric_name"].startswith("DriftedColumnsCount")
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mib": peak, "drifted": drifted, "rows": len(current)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
