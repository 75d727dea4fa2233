"""Make the Makefile's virtual environment: one extra of the project, pinned."""

import subprocess
import sys
import venv
from pathlib import Path


def main() -> int:
    """`make_venv.py FOLDER EXTRA`: exit code 0, or 1 with a sentence on what to do."""
    folder, extra = Path(sys.argv[1]), sys.argv[2]
    python = folder / "bin" / "python"
    if sys.version_info < (3, 11):
        print("addad needs Python 3.11 or newer: make PYTHON=python3.11 demo", file=sys.stderr)
        return 1
    try:
        if not python.exists():
            venv.create(folder, with_pip=True)
    except subprocess.CalledProcessError:
        print(
            "This Python cannot make a virtual environment with pip.\n"
            "On Debian or Ubuntu: sudo apt-get install python3-venv, then try again.",
            file=sys.stderr,
        )
        return 1
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    print(f"Installing addad[{extra}] into {folder} (once; a minute or two) ...", flush=True)
    done = subprocess.run(
        [*install, "--constraint", "constraints.txt", "--editable", f".[{extra}]"], check=False
    )
    if done.returncode:
        print("pip could not install the packages; its last lines say why.", file=sys.stderr)
        return 1
    print("Compiling the instrument's kernels (once) ...", flush=True)
    warm_up = (
        "import addad.metrology, addad.world.front_end as front_end; "
        "addad.metrology.warm_up(); front_end.warm_up()"
    )
    return subprocess.run([str(python), "-c", warm_up], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
