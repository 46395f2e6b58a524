"""Additions of a second use case, and the parts that it shares with the first: ``python -m benchmarks.reuse``.

Counts lines of settings and resources, and files and lines of the two generated repositories. The floor of the latter
is what they would be if each contained the code of the library, which they install instead.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.faults import REPOSITORY
from selfservice.authoring.new_use_case import NewUseCase, text_with_use_case
from tests.support.reuse import FIRST, copied, resources_of_both
from tests.templates.projects import generate, generate_deployment

LIBRARY = REPOSITORY / "packages/plinth-project/src"
SETTINGS = REPOSITORY / "environments/Pulumi.fraud.yaml"
SECOND = NewUseCase(team="fraud", name="chargebacks", images=("train",), approvers=("ben", "chloe"))


def main() -> None:
    added = text_with_use_case(REPOSITORY, SECOND)
    assert added is not None
    first, second = resources_of_both()
    lines = len(added.splitlines()) - len(SETTINGS.read_text(encoding="utf-8").splitlines())
    print(f"settings    {lines} lines added")
    others = len(set(second) - set(first))
    print(f"resources   {len(second)}, of which {others} differ from those of the first in more than the name")
    with tempfile.TemporaryDirectory(prefix="plinth-benchmark-") as directory:
        folder, library = Path(directory), _python(LIBRARY)
        for name, make in (("build", generate), ("deployment", generate_deployment)):
            ours, theirs = make(folder / FIRST / name), make(folder / SECOND.name / name, use_case=SECOND.name)
            files = [file for file in ours.rglob("*") if file.is_file()]
            changed = [file for file in files if file.read_bytes() != (theirs / file.relative_to(ours)).read_bytes()]
            code = _python(ours)
            print(
                f"{name:<11} {len(files)} files, of which {len(changed)} differ between both; {code} lines of "
                f"Python, {code / (code + library):.2f} of what they would be with the library; "
                f"{len(copied(ours, LIBRARY))} functions copied from it"
            )


def _python(folder: Path) -> int:
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in folder.rglob("*.py"))


if __name__ == "__main__":
    main()
