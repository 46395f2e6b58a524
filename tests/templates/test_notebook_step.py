"""A step that is made of a notebook is code of the repository like any other."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.templates.projects import environment, generate, run

TAGGED = {"tags": ["step:clean"]}
CELLS = [
    ("import pandas as pd", {}),
    ("lowest = 18", {"tags": ["parameters"]}),
    ('raw = pd.read_csv("sample.csv")', {}),
    ('table = raw[raw["age"] >= lowest].dropna()', TAGGED),
    ("table.describe()", {}),
]


def test_a_step_of_a_notebook_passes_the_checks_except_its_unwritten_test(tmp_path: Path) -> None:
    project = generate(tmp_path)
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "execution_count": None,
            "metadata": tags,
            "outputs": [],
            "source": source,
        }
        for number, (source, tags) in enumerate(CELLS)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (project / "notebooks" / "cleaning.ipynb").write_text(json.dumps(notebook))
    made = run(project, "step", "notebooks/cleaning.ipynb", "preprocessing/clean")
    assert made.returncode == 0, made.stderr
    checked = run(project, "check", "--only", "structure", "lint", "types")
    assert checked.returncode == 0, checked.stderr
    words = [environment() / "bin" / "python", "-m", "pytest", "-q", "algorithms/preprocessing/clean"]
    tested = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
    assert "give clean rows of your data" in tested.stdout
