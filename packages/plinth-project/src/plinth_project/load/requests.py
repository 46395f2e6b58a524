"""Requests at a rate, whether or not earlier ones have been answered."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

MOST_AT_ONCE = 100
"""Requests that wait for an answer at the same time. A service that answers later than the rate needs gets fewer
requests, and the test says so."""

Send = Callable[[str], int]
"""Sends a body, and returns the status of the answer."""


def send_at_rate(send: Send, bodies: Sequence[str], *, per_second: float, seconds: float) -> Counter[int]:
    """Sends the bodies in turn for some seconds, and returns the number of answers by their status.

    Each request has its time. One that cannot be sent then, because too many wait for answers, is sent later, so the
    number of requests does not depend on the speed of the service.
    """
    start, count = time.monotonic(), round(per_second * seconds)
    with ThreadPoolExecutor(max_workers=MOST_AT_ONCE) as pool:
        answers = []
        for number, body in zip(range(count), itertools.cycle(bodies), strict=False):
            time.sleep(max(0.0, start + number / per_second - time.monotonic()))
            answers.append(pool.submit(send, body))
        return Counter(answer.result() for answer in answers)
