"""The check of docstrings and Markdown finds openings without a subject, and the repository has none."""

from pathlib import Path

import pytest

from tests.support.docs.prose import ROOT, TELEGRAPHIC, findings, is_left_out, of_markdown, of_python

MODULE = '''\
"""Network of an environment."""

table: str = ""
"""Of claims."""


class Reader:
    """Reads a dataset."""

    name: str
    """By which it is found."""

    def read(self) -> None:
        """The same of Spark."""
'''

PAGE = """\
# Who reads what

By default, nobody reads a dataset. Grants follow
those who own it.

- Those who write it
- Readers

```sh
By this command
```

| table |
|---|
| Of no interest |

**The same again.** A lead.
"""


@pytest.mark.parametrize("text", ["Of claims", "By name", "The same of Spark", "Whose role it is", "To whom it goes"])
def test_an_opening_without_a_subject_is_telegraphic(text):
    assert TELEGRAPHIC.match(text)


@pytest.mark.parametrize("text", ["Offline store", "By default, on", "Whole stack", "Bytes of a file", "To add a team"])
def test_an_ordinary_opening_is_not_telegraphic(text):
    assert not TELEGRAPHIC.match(text)


def test_docstrings_of_modules_classes_functions_and_attributes_are_read():
    found = [(opening.line, opening.text) for opening in of_python(Path("reader.py"), MODULE)]
    assert sorted(found) == [
        (1, "Network of an environment."),
        (4, "Of claims."),
        (8, "Reads a dataset."),
        (11, "By which it is found."),
        (14, "The same of Spark."),
    ]


def test_headings_paragraphs_and_list_items_are_read_and_code_and_tables_are_not():
    assert [(opening.line, opening.text) for opening in of_markdown(Path("page.md"), PAGE)] == [
        (1, "Who reads what"),
        (3, "By default, nobody reads a dataset. Grants follow"),
        (6, "Those who write it"),
        (7, "Readers"),
        (17, "The same again.** A lead."),
    ]


def test_every_file_opens_with_a_subject():
    assert [str(opening) for opening in findings(ROOT) if not is_left_out(opening.path)] == []
