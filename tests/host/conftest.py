"""What the tests of a meter on a computer share: the sun of a day is computed once for all."""

from collections.abc import Iterator
from functools import cache

import pytest

from addad.host import sources
from addad.host.sun import Sun, ask_process


@pytest.fixture(scope="session", autouse=True)
def _one_sun() -> Iterator[None]:
    """Sites of this process ask for the same days: each is computed by one process only."""
    known = cache(ask_process)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "Sun", lambda: Sun(known))
        yield
