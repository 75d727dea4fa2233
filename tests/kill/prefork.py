"""Starts metering processes at once: what takes long at a start was done here, and is inherited.

Each line of standard input is a JSON list: the arguments of `addad meter`, and before them the file
for its standard output. The number of the process is the answer. It is a process like any other,
with nothing of this one in it but modules that are loaded and kernels that are compiled.
"""

import json
import os
import signal
import sys

from addad.cli.main import main
from addad.metrology import warm_up


def become_meter(out: str, arguments: list[str]) -> None:
    """Never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stdin = os.fdopen(0, closefd=False)
    try:
        code = main(["meter", *arguments])
    except BaseException as fault:
        print(f"{fault!r}", file=sys.stderr, flush=True)
        code = 70
    sys.stdout.flush()
    os._exit(code)


def serve() -> None:
    """Until standard input ends."""
    import addad.cli.meter
    import addad.host.commission
    import addad.host.process  # noqa: F401

    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        out, *arguments = json.loads(line)
        process = os.fork()
        if process == 0:
            become_meter(out, arguments)
        print(process, flush=True)


if __name__ == "__main__":
    serve()
