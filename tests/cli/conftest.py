"""Commands in the tests' own process: a busy machine makes none of them say that it waits."""

import pytest

from addad.cli import patience


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a slow start says would come between what is printed."""
    monkeypatch.setattr(patience, "PATIENCE_S", 3600.0)
