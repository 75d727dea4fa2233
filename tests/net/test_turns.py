"""Turns: nobody waits for ever, and the loop's timers come between the rounds."""

import asyncio

import virtual_time
from addad.net.turns import ROUND_S, TURN_S, Turns


class SlowWork:
    """Needs `left` calls, each of which takes `costs_s` of the loop's time."""

    def __init__(self, name: str, left: int, costs_s: float, log: list[str]) -> None:
        self.name, self.left, self.costs_s, self.log = name, left, costs_s, log
        self.until_s = 0.0

    def __call__(self, until_s: float) -> bool:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, virtual_time.VirtualTimeLoop)
        self.until_s = until_s - loop.time()
        loop._jumping.now_s += self.costs_s
        self.left -= 1
        self.log.append(self.name)
        return self.left > 0


def test_who_comes_alone_works_at_once_and_is_told_until_when() -> None:
    async def main() -> None:
        log: list[str] = []
        work = SlowWork("a", 1, 0.0, log)
        Turns().ask(work)
        assert log == ["a"]
        assert abs(work.until_s - TURN_S) < 1e-9

    virtual_time.run(main())


def test_who_has_more_to_do_goes_behind_the_others() -> None:
    async def main() -> None:
        log: list[str] = []
        turns = Turns()
        for name in "abc":
            turns.ask(SlowWork(name, 3, 2 * ROUND_S, log))
        await asyncio.sleep(10.0)
        assert log == [*"aabcabcbc"]

    virtual_time.run(main())


def test_a_timer_comes_between_two_rounds_of_expensive_work() -> None:
    async def main() -> None:
        log: list[str] = []
        turns = Turns()

        async def meter() -> None:
            while True:
                await asyncio.sleep(0.05)
                log.append("meter")

        metering = asyncio.create_task(meter())
        await asyncio.sleep(0)
        for _ in range(50):
            turns.ask(SlowWork("client", 1, 0.5, log))
        await asyncio.sleep(30.0)
        metering.cancel()
        first = log.index("meter")
        gaps = "".join("m" if who == "meter" else "c" for who in log[first:]).split("m")
        assert log.count("client") == 50
        assert max(len(gap) for gap in gaps) <= 3

    virtual_time.run(main())


def test_a_round_begins_anew_when_the_loop_has_gone_round() -> None:
    async def main() -> None:
        log: list[str] = []
        turns = Turns()
        turns.ask(SlowWork("a", 1, 2 * ROUND_S, log))
        turns.ask(SlowWork("b", 1, 0.0, log))
        assert log == ["a"]
        await asyncio.sleep(0.1)
        turns.ask(SlowWork("c", 1, 0.0, log))
        assert log == ["a", "b", "c"]

    virtual_time.run(main())
