"""Storage runs beside the event loop: a slow disk stops no meter."""

import asyncio
import threading
from datetime import UTC

from headend_bench import Bench

from addad.headend.office import utc_now


def test_a_slow_store_does_not_stop_the_loop(bench: Bench) -> None:
    async def main() -> None:
        head = bench.open()
        here = threading.get_ident()
        ticks = 0
        ticked = threading.Event()

        def slow() -> int:
            assert ticked.wait(60.0)
            return threading.get_ident()

        work = asyncio.create_task(head.office.stored(slow))
        while not work.done():
            await asyncio.sleep(0.01)
            ticks += 1
            if ticks == 3:
                ticked.set()
        assert work.result() != here
        head.close()

    asyncio.run(main())


def test_the_clock_is_aware() -> None:
    assert utc_now().tzinfo is UTC
