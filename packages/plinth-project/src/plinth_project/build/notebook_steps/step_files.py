"""The files of a step that is made of cells of a notebook."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from plinth_project.build.notebook_steps.data_flow import StepCode

MAIN, README, TEST = "__main__.py", "README.md", "test/test_{name}.py"


def step_files(code: StepCode, group: str, name: str, origin: str) -> dict[str, str]:
    """Returns the text of each file of a step by its path in the folder of the step."""
    return {
        MAIN: _program(code, name, origin),
        README: _readme(code, name, origin),
        TEST.format(name=name): _test(code, group, name),
    }


def _program(code: StepCode, name: str, origin: str) -> str:
    parameters = [f"{parameter}: {type(value).__name__}" for parameter, value in code.parameters.items()]
    signature = ", ".join(
        [*(f"{input_}: pd.DataFrame" for input_ in code.inputs), *(["*", *parameters] if parameters else [])]
    )
    result = ", ".join(code.outputs)
    kind = "pd.DataFrame" if len(code.outputs) == 1 else f"tuple[{', '.join(['pd.DataFrame'] * len(code.outputs))}]"
    read = [f"read_table(given.{input_})" for input_ in code.inputs]
    arguments = ", ".join([*read, *(f"{parameter}=given.{parameter}" for parameter in code.parameters)])
    return "\n".join(
        [
            f'"""{_title(name)}.\n\n{textwrap.fill(f"From {origin}.", 118)}\n"""',
            "from __future__ import annotations\n",
            "import argparse",
            "from collections.abc import Sequence",
            "import pandas as pd",
            "from shared_libraries.arguments import add_path",
            "from shared_libraries.tables import read_table, write_table",
            *code.imports,
            "",
            *(f"\n{definition}\n" for definition in code.definitions),
            f"\ndef {name}({signature}) -> {kind}:",
            *(_indented(statement) for statement in code.statements),
            f"    return {result}",
            "",
            "\ndef main(words: Sequence[str] | None = None) -> None:",
            f'    parser = argparse.ArgumentParser(prog="{name}", description=__doc__)',
            *(f'    add_path(parser, "{_option(input_)}", "folder: table {input_}")' for input_ in code.inputs),
            *(
                f'    add_path(parser, "{_option(output)}-output", "folder: result {output}")'
                for output in code.outputs
            ),
            *(f"    {_argument(parameter, value)}" for parameter, value in code.parameters.items()),
            "    given = parser.parse_args(words)",
            f"    {result} = {name}({arguments})",
            *(f"    write_table({output}, given.{output}_output)" for output in code.outputs),
            "",
            '\nif __name__ == "__main__":',
            "    main()",
            "",
        ]
    )


def _indented(source: str) -> str:
    """Indents code. The lines inside of a text keep their beginning, because it is part of the text."""
    kept = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
        for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }
    lines = enumerate(source.splitlines(), start=1)
    return "\n".join(line if number in kept else f"    {line}" for number, line in lines)


def _argument(name: str, value: object) -> str:
    how = ", action=argparse.BooleanOptionalAction" if isinstance(value, bool) else f", type={type(value).__name__}"
    return f'parser.add_argument("--{_option(name)}"{how}, default={value!r})'


def _option(name: str) -> str:
    return name.replace("_", "-")


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _readme(code: StepCode, name: str, origin: str) -> str:
    head = [f"# {_title(name)}\n", f"From {origin}.\n", "| argument | meaning |", "|---|---|"]
    return "\n".join([*head, *_rows(code), ""])


def _rows(code: StepCode) -> Iterator[str]:
    for input_ in code.inputs:
        yield f"| `--{_option(input_)}` | folder of the table `{input_}` |"
    for output in code.outputs:
        yield f"| `--{_option(output)}-output` | folder of the result `{output}` |"
    for parameter, value in code.parameters.items():
        yield f"| `--{_option(parameter)}` | `{parameter}` of the notebook; default {value!r} |"


def _test(code: StepCode, group: str, name: str) -> str:
    columns = [f'{input_.upper()} = pd.DataFrame({{"column": [1.0]}})' for input_ in code.inputs]
    parameters = [f"{parameter}={value!r}" for parameter, value in code.parameters.items()]
    given = ", ".join([*(input_.upper() for input_ in code.inputs), *parameters])
    return "\n".join(
        [
            "from __future__ import annotations\n",
            "import pandas as pd",
            "import pytest",
            f"from {group}.{name}.__main__ import {name}\n",
            *columns,
            f"\n\ndef test_{name}() -> None:",
            f'    pytest.fail("Replace this line, give {name} rows of your data, and say what it returns")',
            f"    result = {name}({given})",
            f"    assert len({'result' if len(code.outputs) == 1 else 'result[0]'}) == 1",
            "",
        ]
    )
