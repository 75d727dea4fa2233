"""Functions of the user that are called, and never awaited.

Green Book: a service is answered when it is done; so what a meter does on a request, and what is
done with a notification, has ended when the function returns.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

from addad.errors import InputError


def check_called(*functions: Callable[..., object] | None) -> None:
    """Refuse, by `InputError`, a coroutine function: called, it would do nothing, unnoticed."""
    for function in functions:
        if inspect.iscoroutinefunction(function):
            name = getattr(function, "__qualname__", repr(function))
            raise InputError(
                f"{name} is called here and not awaited: give a plain function, which may put"
                " what takes time into a task or a queue"
            )
