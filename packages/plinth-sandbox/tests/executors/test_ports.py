from __future__ import annotations

import random
import socket
import subprocess
import sys

import pytest

from plinth_sandbox.executors.ports import LOOPBACK, PASSING_PORTS, reserve

OWN_PORTS = range(15_000, 20_000)
"""Ports from which nobody else chooses."""
HOLDS = """
import sys
from plinth_sandbox.executors.ports import reserve
held = reserve([int(sys.argv[1])])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_port_is_one_of_those_that_pass_unless_others_are_asked_for() -> None:
    port = reserve()
    assert port.number in PASSING_PORTS
    port.release()


def test_a_reserved_port_is_no_other_ones_until_it_is_released() -> None:
    first = reserve(random.SystemRandom().sample(OWN_PORTS, 100))
    with pytest.raises(OSError, match="none of the ports asked for is free"):
        reserve([first.number])
    with socket.create_server((LOOPBACK, first.number)) as opened:
        assert opened.getsockname()[1] == first.number
        first.release()
        with pytest.raises(OSError, match="none of the ports asked for is free"):
            reserve([first.number])
    again = reserve([first.number])
    assert again.number == first.number
    again.release()


def test_a_port_is_free_again_when_the_process_that_reserved_it_is_killed() -> None:
    port = reserve(random.SystemRandom().sample(OWN_PORTS, 100))
    port.release()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(port.number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(OSError, match="none of the ports asked for is free"):
            reserve([port.number])
        process.kill()
    reserve([port.number]).release()
