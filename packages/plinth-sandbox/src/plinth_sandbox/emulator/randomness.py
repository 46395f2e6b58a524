"""Identifiers that come out the same again.

moto draws every identifier from one generator. Seeding it per call makes an identifier a function of the sandbox's seed
and the call's place in the journal, so replaying the journal brings back the same accounts, keys and networks, whatever
was read in between.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from moto.core import base_backend
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal import mock_random


def seed(*parts: object) -> None:
    """Everything random from here on follows from ``parts``."""
    text = ":".join(map(str, parts))
    mock_random.seed(text)
    random.seed(text)


@contextmanager
def seeded(*parts: object) -> Iterator[None]:
    """Like :func:`seed`, for a while: what was random before goes on as if nothing had happened."""
    before, before_global = mock_random.getstate(), random.getstate()
    seed(*parts)
    try:
        yield
    finally:
        mock_random.setstate(before)
        random.setstate(before_global)


def tie_to(sandbox_seed: str) -> None:
    """Tie the process's other sources of randomness to ``sandbox_seed``; once per process."""
    # KMS key material, initialisation vectors and uuid.uuid4 come from here. Nothing that this process makes is secret.
    os.urandom = mock_random.randbytes
    # moto tells its dictionaries apart by these; drawn from the same source, an import would shift what follows.
    base_backend.uuid4 = lambda: UUID(bytes=secrets.token_bytes(16), version=4)
    create = AccountSpecificBackend.__getitem__

    def create_seeded(self: AccountSpecificBackend[object], region: str) -> object:
        """A service's first touch in a region makes default resources: the same ones, whichever call comes first."""
        if region in self.keys():
            return create(self, region)
        with seeded(sandbox_seed, self.service_name, self.account_id, region):
            return create(self, region)

    AccountSpecificBackend.__getitem__ = create_seeded
