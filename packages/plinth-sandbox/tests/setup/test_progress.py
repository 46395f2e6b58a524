import io

import pytest

from plinth_sandbox.progress import Progress, duration


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock():
    return Clock()


def test_log_lines_show_step_progress_and_duration_at_intervals(clock):
    log = io.StringIO()
    with Progress(log, clock).step("Engine") as step:
        for second in range(31):
            clock.now = second
            step.at("compiling packages", second * 30, 1200)
    assert log.getvalue().splitlines() == [
        "Engine: compiling packages, 300 of 1,200, 10 s (about 30 s left)",
        "Engine: compiling packages, 600 of 1,200, 20 s (about 20 s left)",
        "Engine: compiling packages, 900 of 1,200, 30 s (about 10 s left)",
        "Engine: done in 30 s",
    ]


def test_the_time_left_counts_from_the_start_of_the_stage_not_of_the_step(clock):
    log = io.StringIO()
    with Progress(log, clock).step("Engine") as step:
        clock.now = 100
        step.at("compiling", 0, 10)
        clock.now = 110
        step.at("compiling", 5, 10)
    assert "1 min 50 s (about 10 s left)" in log.getvalue()


def test_no_estimate_is_made_from_the_first_few_per_cent(clock):
    log = io.StringIO()
    with Progress(log, clock).step("Engine") as step:
        step.at("compiling", 0, 1000)
        clock.now = 20
        step.at("compiling", 3, 1000)
    assert "left" not in log.getvalue()


def test_on_a_terminal_parallel_steps_share_a_line_below_other_messages(clock):
    screen = Terminal()
    progress = Progress(screen, clock)
    with progress.step("Python") as python, progress.step("Engine") as engine:
        python.at("fetching", 1, 2)
        engine.at("compiling", 3, 4)
        engine.say("go1.26 found")
    shown = screen.getvalue()
    assert "Python: fetching, 1 of 2, 0 s | Engine: compiling, 3 of 4, 0 s" in shown
    assert "\r\033[KEngine: go1.26 found\n" in shown
    assert shown.endswith("\r\033[K")


def test_a_step_that_fails_is_not_called_done(clock):
    log = io.StringIO()
    with pytest.raises(ValueError, match="broken"), Progress(log, clock).step("Engine"):
        raise ValueError("broken")
    assert log.getvalue() == ""


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (171, "2 min 51 s")])
def test_durations_are_short(seconds, text):
    assert duration(seconds) == text
