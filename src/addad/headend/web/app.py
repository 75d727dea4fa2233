"""The head end's web application: doors from tables, one screen before them, no page of others."""

from __future__ import annotations

import mimetypes
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

import addad
from addad.errors import AddadError
from addad.headend.head_end import HeadEnd
from addad.headend.web.api import administration, service_points, stream
from addad.headend.web.description import described
from addad.headend.web.guard import Route
from addad.headend.web.pages import audit, index, login, register, service_point, setup
from addad.headend.web.refusals import (
    Refusal,
    on_addad_error,
    on_http_error,
    on_invalid,
    on_refusal,
)
from addad.headend.web.rendering import STATIC
from addad.headend.web.screen import Screen
from addad.headend.web.sessions import cookie_name
from addad.headend.web.throttle import LoginThrottle
from addad.headend.web.visitor import Desk

ROUTES: Final[tuple[Route, ...]] = (
    *index.ROUTES,
    *service_point.ROUTES,
    *login.ROUTES,
    *setup.ROUTES,
    *register.ROUTES,
    *audit.ROUTES,
    *service_points.ROUTES,
    *stream.ROUTES,
    *administration.ROUTES,
)


def create_app(head_end: HeadEnd) -> FastAPI:
    """The pages and the API of a head end, which the caller starts and stops."""
    app = FastAPI(
        title="addad head end",
        version=addad.__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for route in ROUTES:
        route.add_to(app)
    description = described(app, ROUTES, cookie_name(head_end.settings.https))
    app.state.desk = Desk(head_end, LoginThrottle(), description)
    mimetypes.add_type("text/javascript", ".js")
    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(AddadError, on_addad_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_middleware(Screen, settings=head_end.settings)
    return app
