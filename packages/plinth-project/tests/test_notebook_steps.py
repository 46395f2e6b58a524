from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from generated import NEEDS_NOTEBOOKS, build_repository
from plinth_project.build.checks import check_structure
from plinth_project.build.command import main
from plinth_project.build.notebook_steps.command import make_step
from plinth_project.documents import ProjectError

pytestmark = NEEDS_NOTEBOOKS


NOTEBOOK = Path("notebooks/cleaning.ipynb")
STEP = "preprocessing/clean"
TAG = "step:clean"
IMPORTS = "import math\nimport pandas as pd\nimport matplotlib.pyplot as plt"
LOAD = "raw = pd.read_csv('sample.csv')\nlowest, label = 18, 'age'"
PARAMETERS = "lowest = 18\nlabel = 'age'\nstrict = True"
HELPER = "def half(value: float) -> float:\n    return math.floor(value / 2)"
CLEAN = (
    "# Only adults count.\n"
    "table = raw[raw[label] >= lowest]; table = table.dropna()\n"
    "note = '''a\n"
    "b'''\n"
    "table['half'] = [half(value) for value in table[label]]\n"
    "table.shape"
)
USE = "print(table.describe())"


def repository(folder: Path, *cells: tuple[str, list[str]]) -> Path:
    """Returns a copy of this repository with a notebook of code cells, each with its tags."""
    import nbformat

    ignored = shutil.ignore_patterns("__pycache__", ".*", "build")
    copy = shutil.copytree(build_repository(), folder / "copy", ignore=ignored)
    notebook = nbformat.v4.new_notebook()
    for number, (source, tags) in enumerate(cells):
        cell = nbformat.v4.new_code_cell(source, metadata={"tags": tags})
        cell.id = f"c{number}"
        notebook.cells.append(cell)
    nbformat.write(notebook, copy / NOTEBOOK)
    return copy


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    cells: list[tuple[str, list[str]]] = [
        (IMPORTS, []),
        (PARAMETERS, ["parameters"]),
        ("raw = pd.read_csv('sample.csv')", []),
        (HELPER, [TAG]),
        (CLEAN, [TAG]),
        (USE, []),
    ]
    return repository(tmp_path, *cells)


def loaded(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, object]:
    """Runs the new module, and returns its names."""
    names: dict[str, object] = {"__name__": "clean"}
    monkeypatch.syspath_prepend(str(copy / "algorithms"))
    source = (copy / "algorithms" / STEP / "__main__.py").read_text()
    exec(compile(source, "clean", "exec"), names)  # the code that the test has made
    return names


def test_tagged_cells_become_a_step_that_does_what_they_did(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(copy, ["step", str(NOTEBOOK), STEP])
    source = (copy / "algorithms" / STEP / "__main__.py").read_text()
    assert "# Only adults count." in source
    assert "matplotlib" not in source
    step = loaded(copy, monkeypatch)["main"]
    assert callable(step)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "data.csv").write_text("age,income\n17,1\n40,2\n51,\n70,3\n")
    result = tmp_path / "result"
    step(["--raw", str(tmp_path / "raw"), "--table-output", str(result), "--lowest", "41"])
    assert (result / "data.csv").read_text().splitlines() == ["age,income,half", "70,3.0,35"]


def test_the_step_and_the_notebook_refer_to_each_other(copy: Path) -> None:
    import nbformat

    before = nbformat.read(copy / NOTEBOOK, as_version=4)
    make_step(copy, NOTEBOOK, STEP)
    for file in ("__main__.py", "README.md"):
        text = " ".join((copy / "algorithms" / STEP / file).read_text().split())
        assert "cell 4 (c3), cell 5 (c4) of notebooks/cleaning.ipynb" in text
    after = nbformat.read(copy / NOTEBOOK, as_version=4)
    nbformat.validate(after)
    assert [cell.source for cell in after.cells if cell.cell_type == "code"] == [cell.source for cell in before.cells]
    assert [cell.metadata.get("step") for cell in after.cells] == [None] * 4 + [
        "algorithms/preprocessing/clean"
    ] * 2 + [None]
    note = after.cells[3]
    assert (note.cell_type, "(../algorithms/preprocessing/clean/README.md)" in note.source) == ("markdown", True)


def test_the_new_step_has_the_structure_and_its_test_fails_until_it_is_written(copy: Path) -> None:
    made = make_step(copy, NOTEBOOK, STEP)
    assert made == [f"algorithms/{STEP}/{file}" for file in ("README.md", "__main__.py", "test/test_clean.py")]
    check_structure(copy)
    assert "pytest.fail" in (copy / made[-1]).read_text()
    assert list(copy.glob(".step-*")) == []


def test_a_text_of_several_lines_keeps_its_content(copy: Path) -> None:
    make_step(copy, NOTEBOOK, STEP)
    assert "'a\nb'" in (copy / "algorithms" / STEP / "__main__.py").read_text().replace('"""', "'").replace("'''", "'")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([(CLEAN, [])], "no cell has the tag step:clean"),
        ([(LOAD, []), ("%time\ntable = raw", [TAG])], r"cell 2 \(c1\), line 1: `%time` is no Python"),
        ([(LOAD, []), ("table = raw[", [TAG])], r"cell 2 \(c1\), line 1: '\[' was never closed"),
        ([(LOAD, []), ("print(raw)", [TAG])], "assign nothing, so the step would have no result"),
        ([("table = unknown.dropna()", [TAG])], "unknown: no cell assigns it"),
        ([(LOAD, []), ("clean = raw.dropna()", [TAG])], "clean is also a variable of the step; choose another name"),
        (
            [(LOAD, []), ("def adults(table):\n    return table[table.age > lowest]\ntable = adults(raw)", [TAG])],
            r"line 1: adults reads the variable lowest of the notebook; make it a parameter",
        ),
    ],
)
def test_cells_that_cannot_become_a_step_are_named_and_nothing_is_made(
    tmp_path: Path, cells: list[tuple[str, list[str]]], said: str
) -> None:
    copy = repository(tmp_path, *cells)
    before = (copy / NOTEBOOK).read_text()
    with pytest.raises(ProjectError, match=said):
        make_step(copy, NOTEBOOK, STEP)
    assert not (copy / "algorithms" / STEP).exists()
    assert (copy / NOTEBOOK).read_text() == before


@pytest.mark.parametrize(
    ("notebook", "step", "said"),
    [
        (NOTEBOOK, "clean", "'clean' is no name; allowed are preprocessing/<name> and postprocessing/<name>"),
        (NOTEBOOK, "preprocessing/split", "algorithms/preprocessing/split: exists"),
        (Path("notebooks/none.ipynb"), STEP, r"notebooks/none.ipynb: does not exist"),
        (Path("foundation.json"), STEP, r"foundation.json: is no notebook"),
        (Path("../none.ipynb"), STEP, "is outside of the repository"),
    ],
)
def test_a_wrong_name_or_file_is_refused(copy: Path, notebook: Path, step: str, said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        make_step(copy, notebook, step)
