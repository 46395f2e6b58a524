"""The wheel of the library: the same bytes everywhere, and in the locks of the templates."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from selfservice.errors import BadInputError
from selfservice.use_cases.library import lock
from selfservice.use_cases.library.wheel import FOLDER, Wheel, build_wheel, library_wheel
from selfservice.use_cases.template import published

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return library_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_locks_of_the_templates_name_the_wheel(wheel: Wheel) -> None:
    assert lock.outdated(ROOT, wheel) == [], f"the library changed: write its hash into the locks with `{lock.COMMAND}`"


def test_one_source_gives_one_wheel_whatever_the_times_and_permissions_of_its_files(
    wheel: Wheel, tmp_path: Path
) -> None:
    copy = shutil.copytree(ROOT / FOLDER, tmp_path / "copy", ignore=shutil.ignore_patterns("tests"))
    for number, file in enumerate(sorted(copy.rglob("*.py"))):
        file.chmod(0o600)
        os.utime(file, (1_000_000_000 + number, 1_000_000_000 + number))
    variables = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": str(ROOT)}
    script = "import sys; from pathlib import Path; from selfservice.use_cases.library.wheel import build_wheel"
    code = f"{script}; build_wheel(Path(sys.argv[1]), Path(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", code, copy, tmp_path / "other"], env=variables, check=True)
    assert (tmp_path / "other" / wheel.file.name).read_bytes() == wheel.file.read_bytes()
    with ZipFile(wheel.file) as archive:
        assert {(entry.compress_type, entry.date_time[0]) for entry in archive.infolist()} == {(ZIP_STORED, 1980)}
        names = archive.namelist()
    source = ROOT / FOLDER / "src"
    assert {name for name in names if ".dist-info/" not in name} == {
        file.relative_to(source).as_posix()
        for file in source.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_a_changed_source_outdates_the_locks_until_its_hash_is_written(tmp_path: Path) -> None:
    for name in (lock.LOCK, *lock.REQUIREMENTS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / FOLDER, tmp_path / FOLDER, ignore=shutil.ignore_patterns("tests"))
    module = tmp_path / FOLDER / "src" / "plinth_project" / "names.py"
    module.write_text(module.read_text() + "# more\n")
    changed = library_wheel(tmp_path, tmp_path / "wheel")
    assert lock.outdated(tmp_path, changed) == [lock.LOCK]
    newer = build_wheel(tmp_path / FOLDER, tmp_path / "newer", "1.1.0")
    assert lock.write(tmp_path, newer) == [lock.LOCK, *lock.REQUIREMENTS]
    assert lock.outdated(tmp_path, newer) == []
    assert f"\nplinth-project==1.1.0 \\\n    --hash=sha256:{newer.sha256}\n" in (tmp_path / lock.LOCK).read_text()


def test_a_program_without_the_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="has no library; use a clone of the program"):
        library_wheel(tmp_path, tmp_path / "wheel")


def test_a_published_template_brings_the_wheel_to_both_repositories(wheel: Wheel, tmp_path: Path) -> None:
    repository = published(ROOT / "templates", tmp_path / "published")
    for name in ("build", "deployment"):
        assert (repository / name / "vendor" / wheel.file.name).read_bytes() == wheel.file.read_bytes()
