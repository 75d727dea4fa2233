import pickle
import subprocess
import sys

import numpy as np

from addad.metrology import warm_up
from addad.metrology.kernels import kernel


@kernel
def _ratio(a: float, b: float) -> float:
    return a / b


def test_a_kernel_divides_by_zero_without_raising():
    assert np.isnan(_ratio(0.0, 0.0))
    assert _ratio(1.0, 0.0) == np.inf


def test_a_cache_that_names_what_is_no_more_is_made_anew(tmp_path):
    """As after an update: the index of a kernel's cache holds a class that has gone."""
    (tmp_path / "mine.py").write_text(
        "from addad.metrology.kernels import kernel\n"
        "@kernel\ndef double(x: float) -> float:\n    return 2.0 * x\n"
    )
    script = "import mine\nprint(mine.double(2.0))\n"

    def run():
        return subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert run() == "4.0"
    (index,) = (tmp_path / "__pycache__").glob("*.nbi")
    version = pickle.loads(index.read_bytes())
    gone = b"\x80\x04cnumba\nNoSuchClass\n."
    index.write_bytes(pickle.dumps(version) + gone)
    assert run() == "4.0"


def test_a_later_process_compiles_nothing():
    """What warm_up has compiled, every later process takes from the cache."""
    warm_up()
    script = (
        "from numba.core import event\n"
        "import addad.metrology as m\n"
        "with event.install_recorder('numba:compile') as seen:\n"
        "    m.warm_up()\n"
        "print(len(seen.buffer))\n"
    )
    later = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert later.stdout.strip() == "0"
