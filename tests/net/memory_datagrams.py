"""Datagrams between protocols in memory, some of them lost or doubled: `Network.join`.

Run by `virtual_time.run`. `network.fate(octets)` says how many copies of a datagram arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

SERVER = ("10.0.0.1", 4059)


class Network:
    """One server and any number of peers."""

    def __init__(self, server: asyncio.DatagramProtocol) -> None:
        self.fate: Callable[[bytes], int] = lambda _: 1
        self.sent: list[tuple[tuple[str, int], bytes]] = []
        self._server = server
        self._peers: dict[tuple[str, int], asyncio.DatagramProtocol] = {}
        self._loop = asyncio.get_running_loop()
        server.connection_made(_Transport(self, SERVER))

    def join(self, peer: asyncio.DatagramProtocol, address: tuple[str, int]) -> None:
        """Let a peer send from this address."""
        self._peers[address] = peer
        peer.connection_made(_Transport(self, address))

    def carry(self, octets: bytes, source: tuple[str, int], target: tuple[str, int] | None) -> None:
        """Bring a datagram where it goes; `target` None is the server."""
        if target is not None:
            self.sent.append((target, octets))
        where = self._server if target is None else self._peers.get(target)
        if where is not None:
            for _ in range(self.fate(octets)):
                self._loop.call_soon(where.datagram_received, octets, source)


class _Transport(asyncio.DatagramTransport):
    def __init__(self, network: Network, address: tuple[str, int]) -> None:
        super().__init__({"sockname": address})
        self._network, self._address = network, address
        self._closed = False

    def sendto(self, data: object, addr: object = None) -> None:
        assert isinstance(data, bytes)
        assert addr is None or isinstance(addr, tuple)
        if not self._closed:
            self._network.carry(data, self._address, addr)

    def abort(self) -> None:
        self._closed = True

    def close(self) -> None:
        self._closed = True

    def is_closing(self) -> bool:
        return self._closed
