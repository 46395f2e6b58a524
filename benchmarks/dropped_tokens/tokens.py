"""Tokens: the texts in lists, sets, tuples and mappings of rules and guardrails, such as actions and resource types."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.faults import REPOSITORY

_RULES = ("audit", "data", "delivery", "identity", "network", "organization", "sagemaker", "storage")
FAMILIES: Mapping[str, str] = {
    "evaluation": "policies/evaluation",
    "inputs": "policies/security/inputs",
    **{family: f"policies/security/rules/{family}" for family in _RULES},
    "kubernetes": "policies/kubernetes",
    "guardrails": "components/organization/guardrails",
}
"""Folder of the code, by family."""
GENERATED = {"policies/security/inputs/known_types.py"}
"""Modules that ``make reference`` writes, and a test compares with the resources of all stacks."""
PROSE = {"sources", "title", "remedy", "fix", "description"}
"""Arguments that are text for people."""
NOTHING = "dropped:nothing"

Plant = Callable[[], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A text in the code of a rule or guardrail."""

    family: str
    file: str
    line: int
    text: str
    number: int
    """Place among the tokens of the file, or -1 for none of them, with which the code stays as it is."""

    @property
    def module(self) -> str:
        return self.file.removesuffix(".py").replace("/", ".")

    def dropped(self) -> ast.Module:
        """Returns the code of the file without the token."""
        tree = _parsed(self.file)
        if self.number >= 0:
            *_, plant = list(tokens_in(tree))[self.number]
            plant()
        return ast.fix_missing_locations(tree)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def tokens_of(family: str) -> list[Token]:
    """Returns the tokens of a family's modules."""
    files = (path.relative_to(REPOSITORY).as_posix() for path in sorted((REPOSITORY / FAMILIES[family]).rglob("*.py")))
    return [
        Token(family=family, file=file, line=line, text=text, number=number)
        for file in files
        if file not in GENERATED
        for number, (line, text, _) in enumerate(tokens_in(_parsed(file)))
    ]


def _parsed(file: str) -> ast.Module:
    return ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))


def tokens_in(node: ast.AST) -> Iterator[tuple[int, str, Plant]]:
    """Yields line, text, and a function that drops the token from the tree."""
    match node:
        case ast.keyword(arg=name) if name in PROSE:
            return
        case ast.Call(func=ast.Name(id="violation")) | ast.Subscript(value=ast.Name(id="Literal")):
            return
        case ast.List(elts=elements) | ast.Set(elts=elements) | ast.Tuple(elts=elements):
            yield from (
                (element.lineno, ast.unparse(element), lambda place=place: _drop(elements, place))
                for place, element in enumerate(elements)
                if _is_text(element) and (isinstance(element, ast.Constant) or _is_plain_list(elements))
            )
        case ast.Dict(keys=keys, values=values):
            for place, (key, value) in enumerate(zip(keys, values, strict=True)):
                if key is not None and _is_text(key):
                    pair = f"{ast.unparse(key)}: {ast.unparse(value)}"
                    yield key.lineno, pair[:80], lambda place=place: (keys.pop(place), values.pop(place))
                if _is_text(value) and " " not in ast.unparse(value):
                    yield value.lineno, f"value {ast.unparse(value)}", lambda place=place: _change(values, place)
    for child in ast.iter_child_nodes(node):
        yield from tokens_in(child)


def _drop(elements: list[ast.expr], place: int) -> None:
    """Removes an element, or changes it if the list is a record whose elements differ in meaning."""
    if _is_plain_list(elements):
        elements.pop(place)
    else:
        _change(elements, place)


def _is_plain_list(elements: list[ast.expr]) -> bool:
    return all(_is_text(element) or isinstance(element, ast.Starred | ast.Name | ast.Attribute) for element in elements)


def _change(elements: list[ast.expr], place: int) -> None:
    elements[place] = ast.copy_location(ast.Constant(NOTHING), elements[place])


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def controls_of(family: str) -> list[Token]:
    """Returns a token for each module that is none of its tokens. Whoever notices it notices no token either."""
    files = dict.fromkeys(token.file for token in tokens_of(family))
    return [Token(family=family, file=file, line=0, text="no token", number=-1) for file in files]
