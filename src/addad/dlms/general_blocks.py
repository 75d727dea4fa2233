"""General block transfer: an APDU of any service in numbered blocks, both directions at once.

Green Book, IEC 62056-5-3 (general block transfer: streaming, windows, lost block recovery). Each
side numbers the blocks that it sends in one exchange, those that only acknowledge too. Lost blocks
are asked for by the side that misses them: nothing here has a clock, `timeout` says what to repeat.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from addad.dlms.apdu.general_block import HEADER_OCTETS, NUMBER_MAX, WINDOW_MAX, GeneralBlock
from addad.dlms.blocks import room
from addad.errors import LocalProtocolError, RemoteProtocolError

DEFAULT_WINDOW: Final = 16
"""How many blocks we take before we acknowledge."""
UNKNOWN_WINDOW: Final = 1
"""How many blocks we send to a peer whose window no block of it has told."""
REPETITIONS_MAX: Final = 5
"""How often the same is repeated without any progress."""
ECHOES_MAX: Final = 3
"""How often repeated blocks of the peer make us repeat ours; else two ends could keep it up."""
FRUITLESS_MAX: Final = (REPETITIONS_MAX + ECHOES_MAX) * (WINDOW_MAX + 1)
"""How many blocks in a row may bring nothing new; a peer could send such ones for ever."""
EMPTY_KEPT_MAX: Final = WINDOW_MAX + 1
"""How many blocks that only acknowledge are kept: one more than could be sent again together."""


class Step(NamedTuple):
    """What a block leads to: the APDU that it completes, and the APDUs to send, in order."""

    apdu: bytes | None
    outgoing: tuple[bytes, ...]


class _Limits(NamedTuple):
    """How many octets a block of ours holds, and how many the peer's APDU may have."""

    block: int
    incoming: int


class _Kept(NamedTuple):
    """A block that was sent, until the peer has it."""

    number: int
    last: bool
    contents: bytes


class _Outgoing:
    """One side's blocks: numbered as they leave, kept until they are acknowledged."""

    def __init__(self, block_octets: int) -> None:
        self._size = block_octets
        self._octets = b""
        self._cut = 0
        self._kept: deque[_Kept] = deque()
        self.sent = 0
        """The number of the block that was sent last."""
        self.acknowledged = 0
        """The last block that the peer is known to have."""

    @property
    def unsent(self) -> bool:
        """Whether octets are left to be cut into blocks."""
        return self._cut < len(self._octets)

    @property
    def outstanding(self) -> bool:
        """Whether the peer may lack a block that brings something."""
        return any(kept.contents for kept in self._kept)

    def load(self, octets: bytes) -> None:
        """Take an APDU to be cut; raises `LocalProtocolError` for one too long or too soon."""
        if self.unsent:
            raise LocalProtocolError("a general block transfer is still under way")
        if not octets or -(-len(octets) // self._size) > NUMBER_MAX - self.sent:
            raise LocalProtocolError(f"{len(octets)} octets do not fit {NUMBER_MAX} blocks")
        self._octets, self._cut = octets, 0

    def cut(self, count: int) -> list[_Kept]:
        """The next blocks, `count` at most."""
        blocks: list[_Kept] = []
        while self.unsent and len(blocks) < count:
            contents = self._octets[self._cut : self._cut + self._size]
            self._cut += len(contents)
            blocks.append(self.number(not self.unsent, contents))
        if not self.unsent:
            self._octets, self._cut = b"", 0
        return blocks

    def number(self, last: bool, contents: bytes) -> _Kept:
        """A block with the next number; raises `RemoteProtocolError` when there is none."""
        if self.sent == NUMBER_MAX:
            raise RemoteProtocolError(f"more than {NUMBER_MAX} blocks in one exchange")
        self.sent += 1
        kept = _Kept(self.sent, last, contents)
        self._kept.append(kept)
        if len(self._kept) > EMPTY_KEPT_MAX and not self._kept[0].contents:
            self._kept.popleft()  # no peer can take so many at once that need no repetition
        return kept

    def missing(self, count: int) -> list[_Kept]:
        """The first blocks that the peer may lack, `count` at most that bring something.

        Empty ones go along where the peer needs them to see that none is missing.
        """
        kept = [*self._kept]
        first = next((at for at, one in enumerate(kept) if one.contents), len(kept))
        blocks = kept[:first] if first <= WINDOW_MAX else []
        for one in kept[first:]:
            if not count:
                break
            blocks.append(one)
            count -= bool(one.contents)
        while blocks and not blocks[-1].contents:
            blocks.pop()
        return blocks

    def acknowledge(self, number: int) -> bool:
        """Forget the blocks up to this one; whether there were any that brought something."""
        if number > self.sent and (self.unsent or self.outstanding):
            raise RemoteProtocolError(f"block {number} acknowledged, {self.sent} sent")
        progress = False
        while self._kept and self._kept[0].number <= number:
            acknowledged = self._kept.popleft()
            self.acknowledged = acknowledged.number
            progress |= bool(acknowledged.contents)
        return progress


class _Incoming:
    """The peer's blocks, put in order and joined up to a limit."""

    def __init__(self, max_octets: int) -> None:
        self._max_octets = max_octets
        self._octets = bytearray()
        self._early: dict[int, GeneralBlock] = {}
        self._first = b""
        self._begun = False
        self.number = 0
        """The last block that has arrived with none missing before it."""
        self.confirmed = True
        """Whether the peer waits for acknowledgements."""
        self._fruitless = 0

    @property
    def partial(self) -> bool:
        """Whether a transfer has begun and not ended."""
        return self._begun or bool(self._early)

    @property
    def gap(self) -> int:
        """How many blocks are missing before the first that came too early; 0 for none."""
        return min(self._early) - self.number - 1 if self._early else 0

    def restarts(self, block: GeneralBlock) -> bool:
        """Whether a block is the first of another exchange, and no repetition of this one's."""
        again = block.number == 1 and self.number > 0
        return again and bool(block.contents) and block.contents != self._first

    def count(self, progress: bool) -> None:
        """Count the blocks in a row without progress; raises `RemoteProtocolError` for too many."""
        self._fruitless = 0 if progress else self._fruitless + 1
        if self._fruitless > FRUITLESS_MAX:
            raise RemoteProtocolError(f"{FRUITLESS_MAX} blocks that bring nothing new")

    def take(self, block: GeneralBlock) -> bytes | None:
        """Add a block: the APDU that it completes, if any.

        Raises `RemoteProtocolError` beyond the limit, and for a block that nobody repeats when the
        first one was lost.
        """
        if block.contents:
            self.confirmed = block.window > 0
            if not self.confirmed and not self.number and block.number > 1:
                raise RemoteProtocolError(f"block {block.number} has arrived, but none before it")
        elif not self.partial and block.number != self.number + 1:
            return None
        ahead = block.number - self.number
        if ahead < 1 or ahead > WINDOW_MAX or block.number in self._early:
            return None
        size = sum(len(early.contents) for early in self._early.values())
        if len(self._octets) + size + len(block.contents) > self._max_octets:
            raise RemoteProtocolError(f"more than {self._max_octets} octets in general blocks")
        self._early[block.number] = block
        return self._join()

    def _join(self) -> bytes | None:
        """The APDU that ends in the blocks that are in order now; empty ones may follow it."""
        apdu = None
        while (block := self._early.get(self.number + 1)) is not None:
            if block.contents and apdu is not None:
                break
            self.number += 1
            del self._early[self.number]
            if block.contents and not self._begun:
                self._begun, self._first = True, block.contents
            self._octets += block.contents
            if block.last and self._begun:
                apdu = bytes(self._octets)
                self._octets = bytearray()
                self._begun = False
        return apdu


class GeneralBlockTransfer:
    """The general block transfer of one association, for either role.

    `send` cuts an APDU, protected already, and gives the blocks of the first window. Give each
    block that arrives to `receive`. Call `begin` when an exchange begins that is none of blocks: a
    client's with each new request, a server's with each APDU that arrives whole. A
    `RemoteProtocolError` ends the transfer: `begin` makes it usable again.
    """

    def __init__(
        self,
        max_pdu: int,
        max_octets: int,
        *,
        is_client: bool,
        window: int = DEFAULT_WINDOW,
        peer_window: int = UNKNOWN_WINDOW,
    ) -> None:
        size = room(max_pdu, HEADER_OCTETS)
        if size < 1 or not 1 <= window <= WINDOW_MAX or not 1 <= peer_window <= WINDOW_MAX:
            raise LocalProtocolError(f"no blocks in {max_pdu} octets: {window}, {peer_window}")
        self._octets = _Limits(size, max_octets)
        self._is_client = is_client
        self._window = window
        self._first_window = peer_window
        self.begin()

    def begin(self) -> None:
        """Forget what has been: the next block either way has number 1."""
        self._out = _Outgoing(self._octets.block)
        self._in = _Incoming(self._octets.incoming)
        self._peer_window = self._first_window
        self._repetitions = 0
        self._echoes = 0
        self._unanswered = 0
        self._acknowledgement: GeneralBlock | None = None
        self._heard: GeneralBlock | None = None

    @property
    def active(self) -> bool:
        """Whether a block is missing either way, so that `timeout` can help."""
        return self._in.partial or self._out.outstanding or self._out.unsent

    def send(self, apdu: bytes, *, confirmed: bool = True) -> tuple[bytes, ...]:
        """The blocks to send now; all of them when nobody is to confirm any.

        Raises `LocalProtocolError` while another APDU is on its way, or for one too long.
        """
        self._out.load(apdu)
        self._repetitions = 0
        if confirmed:
            return self._burst(self._out.cut(self._peer_window))
        blocks = self._burst(self._out.cut(NUMBER_MAX), window=0)
        self._out.acknowledge(self._out.sent)
        return blocks

    def receive(self, block: GeneralBlock) -> Step:
        """Take a block of the peer; raises `RemoteProtocolError` for what no peer may send."""
        if self._in.restarts(block):
            self._restart()
        progress = self._out.acknowledge(block.acknowledged)
        if block.window:
            self._peer_window = block.window
        before = self._in.number
        apdu = self._in.take(block)
        fruitful = progress or bool(block.contents and self._in.number > before)
        self._in.count(fruitful)
        if fruitful:
            self._repetitions = self._echoes = 0
        if not block.contents:
            return Step(apdu, () if self._is_stale(block, progress) else self._transmit())
        if not block.window:
            return Step(apdu, ())
        self._unanswered += block.number > before
        if block.streaming and not block.last and self._unanswered < self._window:
            return Step(apdu, ())
        outgoing = self._transmit() if block.number > before else self._echo()
        if not outgoing and apdu is None:
            if self._in.gap:
                self._count()
            outgoing = (self._acknowledge(repeated=block.number <= before).encode(),)
        return Step(apdu, outgoing)

    def timeout(self) -> tuple[bytes, ...]:
        """What to send when the peer has been silent: () when nothing of this can help.

        Raises `RemoteProtocolError` after `REPETITIONS_MAX` in a row that led to nothing, and for
        a lost block that nobody is to repeat.
        """
        if self._in.partial:
            if not self._in.confirmed:
                number = self._in.number + 1
                raise RemoteProtocolError(f"block {number} is lost, and nobody repeats it")
            self._count()
            return (self._acknowledge().encode(),)
        return self._transmit()

    def _is_stale(self, block: GeneralBlock, progress: bool) -> bool:
        """Whether an acknowledgement is an old one, or comes twice; some peers do not count."""
        twice = block.number > 1 and block == self._heard
        self._heard = block
        return not progress and (twice or block.acknowledged < self._out.acknowledged)

    def _restart(self) -> None:
        """The peer begins anew; a server's own blocks of before have nobody who waits for them."""
        if self._is_client:
            self._in = _Incoming(self._octets.incoming)
            self._unanswered = 0
            self._acknowledgement = None
        else:
            self.begin()

    def _count(self) -> None:
        self._repetitions += 1
        if self._repetitions > REPETITIONS_MAX:
            raise RemoteProtocolError(f"no progress after {REPETITIONS_MAX} repetitions of blocks")

    def _transmit(self) -> tuple[bytes, ...]:
        """The blocks that the peer lacks, else the next ones."""
        if not self._out.outstanding:
            return self._burst(self._out.cut(self._peer_window))
        self._count()
        return self._burst(self._out.missing(self._peer_window))

    def _echo(self) -> tuple[bytes, ...]:
        """The blocks that the peer may lack, when it repeats its own; not for ever."""
        self._echoes += 1
        if self._echoes > ECHOES_MAX:
            return ()
        return self._burst(self._out.missing(self._peer_window) if self._out.outstanding else [])

    def _burst(self, blocks: list[_Kept], window: int | None = None) -> tuple[bytes, ...]:
        """Blocks that leave together: all but the last one say that more follow at once."""
        if not blocks:
            return ()
        taken = self._window if window is None else window
        known = self._in.number
        self._unanswered = 0
        self._acknowledgement = None
        return tuple(
            GeneralBlock(
                kept.last, kept is not blocks[-1], taken, kept.number, known, kept.contents
            ).encode()
            for kept in blocks
        )

    def _acknowledge(self, *, repeated: bool = False) -> GeneralBlock:
        """A block that only acknowledges, and asks for what is missing.

        To a repetition of the peer the answer is repeated as it was, with its number, so that a
        peer which counts can tell it from a new one.
        """
        known, before = self._in.number, self._acknowledgement
        self._unanswered = 0
        if repeated and before is not None and before.acknowledged == known:
            return before
        number = self._out.number(not self._out.unsent, b"").number
        window = self._in.gap or self._window
        block = GeneralBlock(not self._out.unsent, False, window, number, known, b"")
        self._acknowledgement = block
        return block
