"""A head end asked over ASGI, as a browser or a program would, and a look at whether it changed."""

from __future__ import annotations

import asyncio
import hashlib
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from headend_bench import Bench, FakeMeter, registration

from addad.headend.head_end import SCOPES, HeadEnd
from addad.headend.store import doors
from addad.headend.web.app import create_app
from addad.headend.web.visitor import Visitor

HOST = "127.0.0.1:8080"
ORIGIN = f"http://{HOST}"
NAME, PASSWORD = "amina", "correct horse battery"
COOKIE = "addad_session"
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Of the same kind as the head end's own, and made and verified at once: hundreds sign in."""


@dataclass
class Doorstep:
    """The app, the head end behind it, and the meter behind that."""

    bench: Bench
    head: HeadEnd
    app: FastAPI

    @property
    def meter(self) -> FakeMeter:
        """The meter at FEZ-0001."""
        return self.bench.meters[4059]

    def ask(
        self,
        method: str,
        path: str,
        *,
        session: str = "",
        token: str = "",
        key: str = "",
        host: str = HOST,
        origin: str | None = ORIGIN,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """One request; nothing is followed, nothing is remembered."""
        sent = {"host": host, **({"origin": origin} if origin else {}), **(headers or {})}
        if session:
            sent["cookie"] = f"{COOKIE}={session}"
        if token:
            sent["x-csrf-token"] = token
        if key:
            sent["authorization"] = f"Bearer {key}"

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                return await client.request(method, path, headers=sent, **options)

        return asyncio.run(send())

    def sign_in(self, name: str = NAME, password: str = PASSWORD, **options: Any) -> httpx.Response:
        """Post the form to sign in."""
        form = {"name": name, "password": password, "next": "/"}
        return self.ask("POST", "/login", data=form, **options)

    def session(self) -> str:
        """The cookie of a new session."""
        response = self.sign_in()
        assert response.status_code == 303, response.text
        found = re.search(rf"{COOKIE}=([^;]+)", response.headers["set-cookie"])
        assert found
        return found[1]

    def token(self, session: str) -> str:
        """The token that belongs to a session."""
        return Visitor(NAME, secret=session).csrf

    def fingerprint(self) -> str:
        """A digest of all that is stored, sessions aside, and of what reached the meter."""
        with sqlite3.connect(self.head.settings.data / "headend.db") as plain:
            lines = [line for line in plain.iterdump() if 'INTO "session"' not in line]
        seen = "\n".join([*lines, repr(self.meter.actions), repr(self.meter.state)])
        return hashlib.sha256(seen.encode()).hexdigest()

    def close(self) -> None:
        """Close the store."""
        self.head.close()


def make_doorstep(folder: Path, **settings: Any) -> Doorstep:
    """A head end with an account and a meter, not collecting."""
    bench = Bench(folder, {4059: FakeMeter()})
    head = bench.open(**settings)
    path = head.setup_path()
    assert path
    token = path.partition("=")[2]
    made = doors.use_setup_link(head.office.store, token, NAME, _HASH, SCOPES, 1)
    assert made is not None
    asyncio.run(_install(head))
    return Doorstep(bench, head, create_app(head))


async def _install(head: HeadEnd) -> None:
    await head.register_meter(registration(), "test")
    await head._take_stock()
    for task in head._tasks.values():
        task.cancel()
