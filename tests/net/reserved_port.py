"""A port that is kept for a server of ours which must be told its number.

To look for a free one and to bind it later is a race: meanwhile the system may give it to another
program, or to the very connection that looks for the server there. Who is bound to it but does not
listen keeps it from both; a server that may use an address again has it all the same.
"""

import contextlib
import socket
from collections.abc import Iterator

HOST = "127.0.0.1"


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """Its number, for TCP; the same number was free for UDP."""
    with contextlib.ExitStack() as unfit:
        while True:
            kept = unfit.enter_context(socket.socket())
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.bind((HOST, 0))
            port: int = kept.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                try:
                    datagrams.bind((HOST, port))
                except OSError:
                    continue
            break
        yield port
