"""The virtual clock itself: hours pass at once, order is kept, threads are waited for."""

import asyncio
import time

import virtual_time


def test_a_day_passes_in_order() -> None:
    async def day() -> list[float]:
        loop, seen = asyncio.get_running_loop(), []

        async def after(seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append(loop.time())

        await asyncio.gather(after(86_400), after(1), after(3_600))
        return seen

    assert virtual_time.run(day()) == [1.0, 3_600.0, 86_400.0]


def test_a_thread_is_waited_for_and_takes_no_virtual_time() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        await asyncio.wait_for(loop.run_in_executor(None, time.sleep, 0.05), 10)
        return loop.time()

    assert virtual_time.run(work()) == 0.0
