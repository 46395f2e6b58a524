"""Takes the picture of a report of monitoring for the guide: ``python -m tests.support.docs.report_picture``.

The report is that of the job: training data with four columns, and a day on which one column is 1.6 times as large. The
picture is taken by Chromium.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.monitoring import baseline_of
from plinth_project.monitoring.comparison.verdict import compare
from plinth_project.monitoring.report import DayQuality, Limits
from plinth_project.monitoring.report_page import html
from plinth_project.monitoring.rows import Table
from tests.support.workbench import REPOSITORY

PICTURE = REPOSITORY / "docs" / "images" / "monitoring-report.png"
CHROMIUM = (
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--window-size=1120,1010",
)  # fmt: skip
_ROWS = 4000


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "report.html"
        page.write_text(_page(Path(name)), encoding="utf-8")
        PICTURE.parent.mkdir(exist_ok=True)
        profile = f"--user-data-dir={name}/profile"
        subprocess.run([*CHROMIUM, profile, f"--screenshot={PICTURE}", page.as_uri()], check=True, capture_output=True)


def _page(folder: Path) -> str:
    baseline = baseline_of(folder, _table(1), _predicted(_table(2)).tolist())
    window = _table(3)
    window["amount"] *= 1.6
    rows = Table(window, _predicted(window).tolist(), list(window.columns))
    report = compare(rows, baseline, Limits(), window="2026-11-27")
    day = DayQuality(
        version="00003",
        day="2026-11-24",
        rows=3950,
        labelled=2212,
        unknown_labels=0,
        measure="roc_auc",
        trained=0.921,
        now=0.913,
        p_value=0.21,
        verdict="as in training",
    )
    return html(replace(report, days=[day]), "fraud/scoring in production, version 3")


def _table(seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "amount": random.lognormal(3, 0.8, _ROWS),
            "age_of_account": random.gamma(2, 300, _ROWS),
            "payments_of_the_day": random.poisson(3, _ROWS),
            "country": random.choice(["DE", "FR", "IE", "NL"], _ROWS, p=[0.4, 0.3, 0.2, 0.1]),
        }
    )


def _predicted(table: pd.DataFrame) -> pd.Series:
    return 1 / (1 + np.exp(-(np.log(table["amount"]) - 3 + table["payments_of_the_day"] / 5 - 0.6)))


if __name__ == "__main__":
    main()
