"""Directories of runs, which hold the logs of workers."""

import stat

from selfservice.runner.process import new_run_directory


def test_only_the_user_can_enter_the_directory_of_a_run(tmp_path):
    directory = new_run_directory(tmp_path / ".plinth")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (directory, directory.parent)} == {0o700}
