"""GET /api/v1/service-points/{id}/stream: server-sent events, one stream a page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request
from fastapi.responses import StreamingResponse

from addad.headend import views
from addad.headend.office import Office
from addad.headend.stream import Subscription
from addad.headend.web import sessions
from addad.headend.web.guard import Route
from addad.headend.web.visitor import Permission, Visitor, desk_of, visitor_of

CHECK_PERIOD_S = 15.0


async def stream(request: Request, place: str) -> StreamingResponse:
    """Live values, events, relay steps and contact, as they happen."""
    head_end = desk_of(request).head_end
    await asyncio.to_thread(views.find_place, head_end.office, place)
    visitor = visitor_of(request)
    who = visitor.name or (request.client.host if request.client else "?")
    subscription = head_end.watch(place, request.headers.get("last-event-id", "")[:60], who)
    state = head_end.office.board.state(place, head_end.office.now())
    hub = head_end.office.hub
    subscription.put(hub.make("contact", state.contact))
    if state.latest is not None:
        subscription.put(hub.make("live", state.latest))
    frames = _while_valid(head_end.office, visitor, subscription)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def _while_valid(
    office: Office, visitor: Visitor, subscription: Subscription
) -> AsyncIterator[bytes]:
    """The frames, until the session or key that asked for them is void."""
    loop = asyncio.get_running_loop()
    checked_s = loop.time()
    frames = subscription.frames()
    try:
        async for frame in frames:
            yield frame
            if loop.time() - checked_s >= CHECK_PERIOD_S:
                checked_s = loop.time()
                if not await sessions.still_holds(office, visitor):
                    yield b'event: session\ndata: {"state":"expired"}\n\n'
                    return
    finally:
        subscription.leave()


ROUTES = (
    Route(
        "GET",
        "/api/v1/service-points/{place}/stream",
        Permission.READ,
        stream,
        in_schema=False,
    ),
)
