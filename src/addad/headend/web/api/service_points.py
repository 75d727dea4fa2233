"""GET /api/v1/service-points and what belongs to one of them; POST …/relay."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fastapi import Request

from addad.errors import InputError
from addad.headend import views
from addad.headend.office import Office
from addad.headend.payloads import (
    Commands,
    Events,
    LiveState,
    ProfileDay,
    Registers,
    RelayStep,
    ServicePointDetail,
    ServicePointList,
)
from addad.headend.web.fields import RowNumber, parse_day
from addad.headend.web.guard import Route
from addad.headend.web.visitor import Permission, desk_of, visitor_of

BASE = "/api/v1/service-points"
ONE = f"{BASE}/{{place}}"


@dataclass(frozen=True)
class RelayRequest:
    """A relay command: what, why, and the last characters of the meter's serial."""

    action: str
    reason: str
    confirm: str


def list_service_points(request: Request, find: str = "", page: int = 1) -> ServicePointList:
    """The service points, fifty a page."""
    if not 1 <= page <= 1_000_000:
        raise InputError("page is a number from 1 on")
    return views.list_places(_office(request), find[:100], page)


def get_service_point(request: Request, place: str) -> ServicePointDetail:
    """A service point, its meters, contact and relay."""
    return views.detail(_office(request), place)


def get_registers(request: Request, place: str) -> Registers:
    """The newest reading of the registers."""
    return views.registers(_office(request), place)


def get_profile(request: Request, place: str, day: str | None = None) -> ProfileDay:
    """A local day in intervals, stitched over meter exchanges."""
    return views.profile_day(_office(request), place, parse_day(day))


def get_events(request: Request, place: str, before: RowNumber | None = None) -> Events:
    """Events, newest first."""
    return views.event_list(_office(request), place, before)


def get_live(request: Request, place: str) -> LiveState:
    """The newest live values and the last ten minutes."""
    return views.live(_office(request), place)


def get_commands(request: Request, place: str) -> Commands:
    """Relay commands, newest first."""
    return views.command_list(_office(request), place)


async def post_relay(request: Request, place: str, wanted: RelayRequest) -> RelayStep:
    """Ask for a disconnection or reconnection; its steps follow on the stream."""
    head_end = desk_of(request).head_end
    await asyncio.to_thread(views.find_place, head_end.office, place)
    collector = head_end.collector_at(place)
    if collector is None:
        raise InputError(f"no meter is installed at {place}; register one first")
    return await head_end.commands.request(
        collector.placement,
        wanted.action,
        wanted.reason,
        wanted.confirm,
        visitor_of(request).name,
    )


def _office(request: Request) -> Office:
    return desk_of(request).head_end.office


ROUTES = (
    Route("GET", BASE, Permission.READ, list_service_points),
    Route("GET", ONE, Permission.READ, get_service_point),
    Route("GET", f"{ONE}/registers", Permission.READ, get_registers),
    Route("GET", f"{ONE}/profile", Permission.READ, get_profile),
    Route("GET", f"{ONE}/events", Permission.READ, get_events),
    Route("GET", f"{ONE}/live", Permission.READ, get_live),
    Route("GET", f"{ONE}/commands", Permission.READ, get_commands),
    Route("POST", f"{ONE}/relay", Permission.RELAY, post_relay, status=202),
)
