"""What every request passes before any route: its host, origin and size; each answer's headers.

A page elsewhere may send requests here from a visitor's browser, or point its own name at this
address. So the named host must be ours, and a change must come from a page of ours.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from addad.headend.settings import HeadEndSettings

logger = logging.getLogger(__name__)

MAX_BODY_OCTETS: Final = 64 * 1024
BODY_TIMEOUT_S: Final = 20.0
SAFE_METHODS: Final = ("GET", "HEAD")
POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
ANSWER_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
TOO_LARGE: Final = f"A request has at most {MAX_BODY_OCTETS} octets."
FOR_EVER: Final = "public, max-age=31536000, immutable"


class _TooLarge(Exception):
    """A body above the limit."""


class Screen:
    """An ASGI application before another one; plain, so that streams pass unbuffered."""

    def __init__(self, app: ASGIApp, settings: HeadEndSettings) -> None:
        self._app = app
        self._names = settings.host_names
        self._https = settings.https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is not for us, else pass it on and mark the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send, self._https)
        headers = Headers(scope=scope)
        if not _length_fits(headers):
            await _refuse(answer, 413, TOO_LARGE)
            return
        refused = self._why_not(scope, headers)
        if refused:
            await _refuse(answer, 403, refused)
            return
        body = _Body(receive)
        try:
            await self._app(scope, body, answer)
        except _TooLarge:
            await _refuse(answer, 413, TOO_LARGE)
        except TimeoutError:
            await _refuse(answer, 408, "The request did not come whole in time.")
        except Exception:
            logger.exception("%s %s failed", scope["method"], scope["path"])
            await _refuse(answer, 500, "Something failed here; it is in the head end's log.")

    def _why_not(self, scope: Scope, headers: Headers) -> str:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or host_name(hosts[0]) not in self._names:
            return (
                "This head end is not known by that name. "
                "Start it with the name allowed, or use the address it printed."
            )
        if scope["method"] in SAFE_METHODS:
            return ""
        return self._why_not_change(scope, headers, hosts[0])

    def _why_not_change(self, scope: Scope, headers: Headers, host: str) -> str:
        scheme = "https" if self._https else scope.get("scheme", "http")
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin.lower() != f"{scheme}://{host.lower()}":
            return "A change must come from a page of this head end, not from another site."
        if site is not None and site != "same-origin":
            return "A change must come from a page of this head end, not from another site."
        by_key = headers.get("authorization", "").lower().startswith("bearer ")
        if origin is None and site is None and not by_key:
            return "A change must say where it comes from (Origin), or carry a key."
        return ""


def host_name(host: str) -> str:
    """The name in a Host header, without port, in lower case; empty when it is none."""
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        port = port.removeprefix(":") if bracket else "?"
    else:
        name, _, port = host.partition(":")
    return name.lower() if not port or port.isdigit() else ""


def _length_fits(headers: Headers) -> bool:
    length = headers.get("content-length", "0")
    digits = length.isascii() and length.isdigit() and len(length) <= 12
    return digits and int(length) <= MAX_BODY_OCTETS


class _Body:
    """Receives a body within its limits of size and time; later messages pass as they come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._octets = 0
        self._whole = False
        self._late_at_s = asyncio.get_running_loop().time() + BODY_TIMEOUT_S

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        async with asyncio.timeout_at(self._late_at_s):
            message = await self._receive()
        if message["type"] == "http.request":
            self._octets += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._octets > MAX_BODY_OCTETS:
                raise _TooLarge
        return message


class _Answer:
    """Sends an answer with our headers, and knows whether it has begun."""

    def __init__(self, scope: Scope, send: Send, https: bool) -> None:
        self.scope = scope
        self.begun = False
        self._send = send
        self._https = https

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            headers.update(ANSWER_HEADERS)
            headers["Cache-Control"] = "no-store"
            versioned = self.scope.get("query_string", b"").startswith(b"v=")
            if self.scope["path"].startswith("/static/") and message["status"] in (200, 304):
                headers["Cache-Control"] = FOR_EVER if versioned else "no-cache"
            if self._https:
                headers["Strict-Transport-Security"] = "max-age=31536000"
        await self._send(message)


async def _refuse(answer: _Answer, status: int, detail: str) -> None:
    """Answer in plain words, without templates; nothing when an answer has begun."""
    if answer.begun:
        return
    if answer.scope["path"].startswith("/api/"):
        problem = {"type": "about:blank", "title": "Refused", "status": status, "detail": detail}
        kind, text = "application/problem+json", json.dumps({**problem, "cure": ""})
    else:
        kind, text = "text/plain; charset=utf-8", detail + "\n"
    body = text.encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await answer({"type": "http.response.start", "status": status, "headers": headers})
    await answer({"type": "http.response.body", "body": body})
