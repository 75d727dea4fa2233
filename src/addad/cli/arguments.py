"""Argument types that several commands share; each refuses with the form that it wants."""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from addad.dlms.gateway import GatewayAddress
from addad.errors import LocalProtocolError

_UNITS_S: Final = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "": 1.0}


class Endpoint(NamedTuple):
    """Where something listens, or is reached."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def endpoint(text: str) -> Endpoint:
    """`HOST:PORT`, `[IPv6]:PORT`; port 0 lets the system choose one for a server."""
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:\[\]]+)):(\d{1,5})", text.strip())
    if match is None or int(match[3]) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT; write it like 127.0.0.1:4059")
    return Endpoint(match[1] or match[2], int(match[3]))


def duration(text: str) -> float:
    """A time span in seconds: `30s`, `5min`, `2h`, or plain seconds; 0 means no end."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*(s|min|m|h|)", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time span; write it like 30s, 5min or 2h")
    return float(match[1]) * _UNITS_S[match[2]]


def positive_number(text: str) -> float:
    """A number above zero, below 1e12."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value >= 1e12:
        raise argparse.ArgumentTypeError(f"{text!r} is too large: give less than 1e12")
    if not value > 0.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above zero")
    return value


def gateway_address(text: str) -> GatewayAddress:
    """`NETWORK:ADDRESS`; the address as text, or in hexadecimal after `0x`."""
    network, colon, address = text.partition(":")
    try:
        if not colon or not network.isascii() or not network.isdecimal():
            raise ValueError
        hexadecimal = address.lower().startswith("0x")
        octets = bytes.fromhex(address[2:]) if hexadecimal else address.encode("ascii")
        return GatewayAddress(int(network), octets)
    except LocalProtocolError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no NETWORK:ADDRESS; write it like 0:12345678 or 0:0x01F2"
        ) from None


def meter_behind(text: str) -> tuple[GatewayAddress, Path]:
    """`NETWORK:ADDRESS=DIR`: a meter behind a gateway, and its data folder."""
    address, equals, folder = text.partition("=")
    if not equals or not folder:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no NETWORK:ADDRESS=DIR; write it like 0:12345678=meter-2"
        )
    return gateway_address(address), Path(folder)


def unwritable(path: Path) -> str:
    """Why a file cannot be written, or nothing: asked before the work that it is the result of."""
    return f"{path}: that is a folder; name a file in it" if path.is_dir() else unmakeable(path)


def unmakeable(path: Path) -> str:
    """Why neither a file nor a folder can be made in a place, or nothing."""
    if not path.parent.is_dir():
        return f"{path}: there is no folder {path.parent}"
    refused = f"{path}: nothing may be written there; choose another place"
    if path.exists():
        return "" if os.access(path, os.W_OK) else refused
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return ""
    except OSError:
        return refused
