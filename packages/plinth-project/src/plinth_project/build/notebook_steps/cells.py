"""The cells of a notebook, parsed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plinth_project.documents import ProjectError

PARAMETERS = "parameters"
"""Tag of the cell whose values become arguments, as in papermill."""
_COMMANDS = ("%", "!", "?")
"""Beginnings of lines that only a notebook understands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A statement of a cell, with the comments above it."""

    node: ast.stmt
    source: str
    place: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A cell with code."""

    name: str
    """Its number among all cells, from 1, and its id."""
    tags: frozenset[str]
    statements: Sequence[Statement]
    """Empty for a cell without the wanted tags that is no Python."""


def read_notebook(file: Path, place: str) -> Any:
    """Returns a notebook. Raises ProjectError if it is missing, or is none."""
    import nbformat  # imported late: only this command needs it

    try:
        return nbformat.read(file, as_version=4)
    except FileNotFoundError:
        raise ProjectError(f"{place}: does not exist") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise ProjectError(f"{place}: is no notebook: {str(error).splitlines()[0]}") from None


def code_cells(notebook: Any, place: str, tag: str) -> list[Cell]:
    """Returns the code cells of a notebook. Cells with ``tag`` or the tag of parameters must be Python.

    Raises ProjectError.
    """
    cells: list[Cell] = []
    faults: list[str] = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        name = f"cell {number} ({cell.id})" if cell.get("id") else f"cell {number}"
        tags = frozenset(cell.metadata.get("tags", []))
        statements: list[Statement] = []
        try:
            statements = list(_statements(cell.source, f"{place}: {name}"))
        except ProjectError as error:
            if tags & {tag, PARAMETERS}:
                faults += error.faults
        cells.append(Cell(name=name, tags=tags, statements=statements))
    if faults:
        raise ProjectError(*faults)
    return cells


def _statements(source: str, place: str) -> Iterator[Statement]:
    lines = source.splitlines()
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith(_COMMANDS):
            raise ProjectError(
                f"{place}, line {number}: `{line.strip()}` is no Python; move it to a cell without the tag"
            )
    try:
        nodes = ast.parse(source).body
    except SyntaxError as error:
        raise ProjectError(f"{place}, line {error.lineno}: {error.msg}") from None
    end = 0
    for node in nodes:
        last = node.end_lineno or node.lineno
        shares_line = node.lineno <= end
        text = ast.get_source_segment(source, node) or "" if shares_line else "\n".join(lines[end:last])
        yield Statement(node=node, source=text.strip("\n").rstrip("; "), place=f"{place}, line {node.lineno}")
        end = last


def with_note(notebook: Any, place: str, tag: str, step: str) -> str:
    """Returns the text of a notebook with a note above the first cell of a step, and the step in each cell's metadata.
    The notebook changes."""
    import nbformat  # imported late: only this command needs it

    marked = [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]
    for cell in marked:
        cell.metadata["step"] = step
    up = "../" * place.count("/")
    note = nbformat.v4.new_markdown_cell(
        f"The step [{step}]({up}{step}/README.md) contains the cells below with the tag `{tag}`. Change it there."
    )
    notebook.cells.insert(notebook.cells.index(marked[0]), note)
    return f"{nbformat.writes(notebook)}\n"
