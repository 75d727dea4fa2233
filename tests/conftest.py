"""What all tests share: where the real recordings and frames are, and that none is timed."""

import os
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


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
