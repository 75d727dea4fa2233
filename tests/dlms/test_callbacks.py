"""A coroutine function where a plain one is called would do nothing, and nobody would notice."""

from functools import partial

import pytest

from addad.dlms.callbacks import check_called
from addad.errors import InputError


async def _awaited(*_: object) -> None:
    pass


class _Store:
    async def put(self, _value: object) -> None:
        pass


@pytest.mark.parametrize("function", [_awaited, partial(_awaited, 1), _Store().put])
def test_a_coroutine_function_is_refused_in_words(function: object) -> None:
    with pytest.raises(InputError, match="called here and not awaited: give a plain function"):
        check_called(print, function)  # type: ignore[arg-type]


def test_what_can_be_called_is_taken() -> None:
    check_called(print, None, lambda _: None, int)
