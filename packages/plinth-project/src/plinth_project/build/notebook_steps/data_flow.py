"""Data flow of a step: the variables that its code takes from the cells before it, and gives to those after it."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plinth_project.build.notebook_steps.cells import PARAMETERS, Cell, Statement
from plinth_project.documents import ProjectError

_BUILTINS = frozenset(dir(builtins))
_DEFINITIONS = (ast.AsyncFunctionDef, ast.ClassDef, ast.FunctionDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
Literal = bool | int | float | str


@dataclass(frozen=True, kw_only=True, slots=True)
class StepCode:
    """The parts of a step, in the order of the notebook."""

    cells: Sequence[str]
    imports: Sequence[str]
    """Imports of all cells. Those that the step does not use are left out later."""
    definitions: Sequence[str]
    """Functions and classes."""
    statements: Sequence[str]
    """Everything else, which becomes the function of the step."""
    parameters: dict[str, Literal]
    """Values of the cell of parameters that the step uses."""
    inputs: Sequence[str]
    """Variables from other cells: tables that the step reads."""
    outputs: Sequence[str]
    """Variables that later cells use, or else the last one: tables that the step writes."""


def step_code(cells: Sequence[Cell], tag: str, place: str) -> StepCode:
    """Returns the code of the cells with a tag. Raises ProjectError with every reason against a step."""
    tagged = [cell for cell in cells if tag in cell.tags]
    if not tagged:
        raise ProjectError(f"{place}: no cell has the tag {tag}; add it to the cells of the step")
    statements = [statement for cell in tagged for statement in cell.statements]
    code = [
        statement
        for statement in statements
        if not isinstance(statement.node, (*_DEFINITIONS, *_IMPORTS)) and not _is_shown(statement)
    ]
    imports = [statement for cell in cells for statement in cell.statements if isinstance(statement.node, _IMPORTS)]
    definitions = [statement for statement in statements if isinstance(statement.node, _DEFINITIONS)]
    known = {name for import_ in (*imports, *definitions) for name in _bound(import_.node)}
    taken, assigned = flow([statement.node for statement in code])
    free = [name for name in taken if name not in known | _BUILTINS]
    values = _parameters(cells)
    faults = list(_hidden(definitions, known))
    defined = {name for cell in cells for statement in cell.statements for name in flow([statement.node])[1]}
    faults += [f"{place}: {name}: no cell assigns it" for name in free if name not in defined]
    if not assigned:
        faults.append(f"{place}: the cells with the tag {tag} assign nothing, so the step would have no result")
    if faults:
        raise ProjectError(*faults)
    later = cells[cells.index(tagged[-1]) + 1 :]
    wanted = {name for cell in later for name in flow([statement.node for statement in cell.statements])[0]}
    return StepCode(
        cells=[cell.name for cell in tagged],
        imports=[import_.source for import_ in imports],
        definitions=[definition.source for definition in definitions],
        statements=[statement.source for statement in code],
        parameters={name: values[name] for name in free if name in values},
        inputs=[name for name in free if name not in values],
        outputs=[name for name in assigned if name in wanted] or assigned[-1:],
    )


def _is_shown(statement: Statement) -> bool:
    """Returns whether a statement only shows a value below its cell."""
    node = statement.node
    return isinstance(node, ast.Expr) and isinstance(
        node.value, ast.Attribute | ast.Constant | ast.Name | ast.Subscript
    )


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, _DEFINITIONS):
        yield node.name
    elif isinstance(node, _IMPORTS):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)


def _parameters(cells: Iterable[Cell]) -> dict[str, Literal]:
    """Returns the values that cells of parameters assign to a name as a literal."""
    found: dict[str, Literal] = {}
    for cell in cells:
        for statement in cell.statements if PARAMETERS in cell.tags else ():
            match statement.node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    try:
                        literal = ast.literal_eval(value)
                    except ValueError:
                        continue
                    if isinstance(literal, Literal):
                        found[name] = literal
    return found


def _hidden(definitions: Iterable[Statement], known: set[str]) -> Iterator[str]:
    """Yields the variables of the notebook that functions read without taking them as a parameter."""
    for definition in definitions:
        table = symtable.symtable(definition.source, definition.place, "exec")
        names = {symbol.get_name() for scope in _scopes(table) for symbol in scope.get_symbols() if symbol.is_global()}
        for name in sorted(names - known - _BUILTINS):
            reader = next(_bound(definition.node))
            yield f"{definition.place}: {reader} reads the variable {name} of the notebook; make it a parameter"


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _scopes(child)


def flow(nodes: Iterable[ast.AST]) -> tuple[list[str], list[str]]:
    """Returns the names that code reads before it assigns them, and those that it assigns, each in order."""
    found = _Flow()
    for node in nodes:
        found.visit(node)
    return list(found.taken), list(found.assigned)


class _Flow(ast.NodeVisitor):
    """Follows code in the order in which it runs. Branches count as if all of them ran."""

    def __init__(self) -> None:
        self.taken: dict[str, None] = {}
        self.assigned: dict[str, None] = {}

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.assigned[node.id] = None
        elif node.id not in self.assigned:
            self.taken[node.id] = None

    def visit_Assign(self, node: ast.Assign) -> None:
        self._in_order(node.value, *node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._in_order(node.annotation, node.value, node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name) and node.target.id not in self.assigned:
            self.taken[node.target.id] = None
        self._in_order(node.value, node.target)

    def visit_For(self, node: ast.For) -> None:
        self._in_order(node.iter, node.target, *node.body, *node.orelse)

    def visit_Import(self, node: ast.Import) -> None:
        self.assigned |= dict.fromkeys(_bound(node))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.assigned |= dict.fromkeys(_bound(node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._apart(node, [argument.arg for argument in _arguments(node.args)])
        self.assigned[node.name] = None

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._apart(node, [])
        self.assigned[node.name] = None

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._apart(node, [argument.arg for argument in _arguments(node.args)])

    def generic_visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            self._apart(node, [name for generator in node.generators for name in flow([generator.target])[1]])
        else:
            super().generic_visit(node)

    def _apart(self, node: ast.AST, own: Iterable[str]) -> None:
        """Follows code with names of its own, which does not assign those around it."""
        inner = _Flow()
        inner.assigned = {**self.assigned, **dict.fromkeys(own)}
        for child in ast.iter_child_nodes(node):
            inner.visit(child)
        self.taken |= inner.taken

    def _in_order(self, *nodes: ast.AST | None) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)


def _arguments(given: ast.arguments) -> Iterator[ast.arg]:
    yield from (*given.posonlyargs, *given.args, *given.kwonlyargs)
    yield from (argument for argument in (given.vararg, given.kwarg) if argument is not None)
