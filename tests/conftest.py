"""What all tests share: where the real recordings and frames are; none is timed, none is a draw.

Each run has the same examples, so that nobody's change fails by another's. New ones are looked for
with `pytest --hypothesis-profile=explore`.
"""

import os
import signal
from pathlib import Path

import hypothesis
import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell runs what it puts aside deaf to Ctrl-C, which the programs under test would inherit
    signal.signal(signal.SIGINT, signal.default_int_handler)

UNTIMED = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("explore", UNTIMED, derandomize=False)
hypothesis.settings.register_profile("repeatable", UNTIMED, derandomize=True, database=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real recordings and frames: `$ADDAD_DATA`, else `../shared/data`."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ADDAD_DATA", default))
    if not (folder / "MANIFEST.json").exists():
        if os.environ.get("CI"):
            pytest.fail(f"CI has the data, but {folder} holds no MANIFEST.json")
        pytest.skip(f"no recordings in {folder}; set ADDAD_DATA to the folder with MANIFEST.json")
    return folder
