"""Data that are protected themselves, in layers, whatever carries them.

Blue Book, Data protection (class 30); Green Book, IEC 62056-5-3 (general-ciphering and
general-signing, whose machinery this is). **What stands here is the house's reading**, in this one
place: no public source shows the octets, and no peer has them.

- A layer that ciphers gives security control, invocation counter, text and tag: what general-
  ciphering has after its own length. Its header and key-info are the protection parameters.
- A layer that signs gives two octet-strings, content and signature: what general-signing has after
  its header.
- Authenticated or signed is the header of those APDUs. It has a date-time, and protection
  parameters have none, so `NO_DATE_TIME` stands for it.
- The first layer is applied first; who takes the data begins with the last one.
- The key-info of a signature says nothing, and so has one form: the unicast key.

Counters are numbers of the same keys as those of APDUs, and none is sent twice. But data are made
before the APDU that carries them, and have the smaller number: what was accepted is kept apart,
under a title that is no party's. A key that comes with data is used once; its transaction-id is
greater than all before of its originator, or is the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from addad.dlms.octets import Cursor, encode_octet_string
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import Counters, take_counter
from addad.dlms.security.framing import Ciphered, CipheringForm
from addad.dlms.security.general_ciphering import (
    GeneralCiphered,
    GeneralHeader,
    KeyInfo,
    KeyInfoKind,
)
from addad.dlms.security.keys import KeyId
from addad.dlms.security.opening import open_ciphered
from addad.dlms.security.sealing import close
from addad.dlms.security.session_keys import SessionKeys
from addad.dlms.security.signatures import sign, signature_verifies
from addad.dlms.security.suite import TITLE_OCTETS, Protection, SecurityControl
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault

DATA_LAYERS_MAX: Final = 3
"""How many layers may stand in one another, as of the envelopes of an APDU."""
FIELD_OCTETS_MAX: Final = 64
"""The longest transaction-id, and the longest other information."""
NO_DATE_TIME: Final = b""

_UNICAST: Final = KeyId.GLOBAL_UNICAST_ENCRYPTION
_BROADCAST: Final = KeyId.GLOBAL_BROADCAST_ENCRYPTION
_GENERAL: Final = CipheringForm.GENERAL_CIPHERING
_OF_DATA: Final = 0x80
"""Set in the first octet of a title, where a maker's letter is, for the counters of data."""

SIGNATURE_KEY_INFO: Final = KeyInfo(KeyInfoKind.IDENTIFIED, _UNICAST)
"""What stands as key-info of a layer that signs."""


class LayerOrder(NamedTuple):
    """A layer that is to be applied.

    Without `recipient` it is for the peer; without `transaction_id` it gets a number of its own.
    """

    protection: Protection
    key_info: KeyInfoKind = KeyInfoKind.IDENTIFIED
    broadcast: bool = False
    """Whether an identified key is the one of the group."""
    transaction_id: bytes = b""
    recipient: bytes = b""
    other_information: bytes = b""


class DataLayer(NamedTuple):
    """A layer that was applied, and what its recipient needs to take it off."""

    protection: Protection
    transaction_id: bytes
    originator: bytes
    recipient: bytes
    other_information: bytes = b""
    key_info: KeyInfo = SIGNATURE_KEY_INFO

    @property
    def header(self) -> GeneralHeader:
        """The fields that are authenticated or signed; raises `DecodeError` for a wrong title."""
        fields = (self.transaction_id, self.other_information)
        if len(self.originator) != TITLE_OCTETS or len(self.recipient) not in (0, TITLE_OCTETS):
            raise DecodeError(f"a system title that has not {TITLE_OCTETS} octets")
        if max(map(len, fields)) > FIELD_OCTETS_MAX:
            raise DecodeError(f"more than {FIELD_OCTETS_MAX} octets in a field of a layer")
        return GeneralHeader(
            self.transaction_id,
            self.originator,
            self.recipient,
            NO_DATE_TIME,
            self.other_information,
        )

    def in_answer(self) -> LayerOrder:
        """The same layer for what goes back to its originator."""
        kind, key = self.key_info.kind, self.key_info.key
        broadcast = kind is KeyInfoKind.IDENTIFIED and key is _BROADCAST
        return LayerOrder(self.protection, kind, broadcast, self.transaction_id, self.originator)

    def answers(self, order: LayerOrder) -> bool:
        """Whether this is what was ordered, and in the transaction that was named."""
        if self.protection != order.protection:
            return False
        same_key = self.protection == Protection.SIGNATURE or self.key_info.kind is order.key_info
        return same_key and order.transaction_id in (b"", self.transaction_id)


class ProtectedData(NamedTuple):
    """Protected octets, and the layers in the order in which they were applied."""

    octets: bytes
    layers: tuple[DataLayer, ...]

    def __repr__(self) -> str:
        return f"ProtectedData({len(self.octets)} octets, {len(self.layers)} layers)"


class OpenedData(NamedTuple):
    """The octets inside, what the layers together prove of them, and whether a group could."""

    octets: bytes
    protection: Protection
    broadcast: bool

    def __repr__(self) -> str:
        return f"OpenedData({len(self.octets)} octets, {self.protection!r})"


class _DataCounters:
    """The counters of a set of keys for data: accepted together, once all layers are off."""

    __slots__ = ("_pending", "_under")

    def __init__(self, under: Counters) -> None:
        self._under = under
        self._pending: dict[tuple[KeyId, bytes], list[int]] = {}

    def next(self, key: KeyId) -> int:
        return self._under.next(key)

    def last(self, key: KeyId, title: bytes) -> int:
        return self._under.last(key, _of_data(title))

    def accept(self, key: KeyId, title: bytes, counter: int) -> bool:
        """Hold it until `take`; the same number twice in one message is a replay.

        False for one that is not greater than the last of another message.
        """
        if counter <= self.last(key, title):
            return False
        held = self._pending.setdefault((key, title), [])
        if counter in held:
            raise SecurityError(f"number {counter} stands in two layers", SecurityFault.REPLAY)
        held.append(counter)
        return True

    def settle(self) -> None:
        self._under.settle()

    def take(self) -> None:
        """Accept what was held, durably."""
        for (key, title), counters in self._pending.items():
            self._under.accept(key, _of_data(title), max(counters))
        self._under.settle()


def protect_data(
    context: SecurityContext, octets: bytes, orders: Sequence[LayerOrder]
) -> ProtectedData:
    """The octets in layers, the first one applied first; spends invocation counters.

    Raises `LocalProtocolError` for layers that cannot be, `SecurityError` without a key for one.
    """
    _check_count(len(orders))
    layers = []
    for order in orders:
        sign_only = order.protection == Protection.SIGNATURE
        octets, layer = (_sign if sign_only else _cipher)(context, octets, order)
        layers.append(layer)
    return ProtectedData(octets, tuple(layers))


def open_data(
    context: SecurityContext, data: ProtectedData, answers: Sequence[LayerOrder] | None = None
) -> OpenedData:
    """The octets out of their layers; counters are taken, durably, when all layers are off.

    `answers` is what was ordered, where the data came in answer: less is refused, and a transaction
    that was named there proves that this was not recorded. Raises `DecodeError`, `SecurityError`.
    """
    _check_count(len(data.layers), DecodeError)
    if answers is not None and not _as_ordered(data.layers, answers):
        raise SecurityError("the data are not protected as was asked", SecurityFault.POLICY)
    counters = _DataCounters(context.counters)
    octets, proven, broadcast = data.octets, Protection.NONE, False
    for number in reversed(range(len(data.layers))):
        layer = data.layers[number]
        if layer.protection == Protection.SIGNATURE:
            octets = _verified(context, octets, layer)
            proven |= Protection.SIGNATURE
            continue
        named = answers is not None and bool(answers[number].transaction_id)
        octets, applied = _deciphered(context, octets, layer, counters, named)
        proven |= applied
        broadcast |= layer.key_info.key is _BROADCAST
    counters.take()
    return OpenedData(octets, proven, broadcast)


def answer_data(
    context: SecurityContext, octets: bytes, layers: Sequence[DataLayer]
) -> ProtectedData:
    """What goes back, each layer again for the party that applied it."""
    return protect_data(context, octets, [layer.in_answer() for layer in layers])


def _sign(context: SecurityContext, octets: bytes, order: LayerOrder) -> tuple[bytes, DataLayer]:
    layer = _layer(context, order)
    content = encode_octet_string(octets)
    signed = content if context.profile.signs_content_length else octets
    signature = sign(context.parties.own_signature(), layer.header.encode() + signed)
    return content + encode_octet_string(signature), layer


def _cipher(context: SecurityContext, octets: bytes, order: LayerOrder) -> tuple[bytes, DataLayer]:
    if not Protection.NONE < order.protection < Protection.SIGNATURE:
        raise LocalProtocolError("a layer authenticates, encrypts, does both, or signs")
    layer = _layer(context, order)
    session = _session_keys(context).to_send(
        order.key_info,
        order.broadcast,
        layer.recipient,
        layer.transaction_id,
        context.keys,
        context.counters,
    )
    control = bytes((SecurityControl(context.suite, order.protection).octet,))
    counter = session.counters.next(session.key).to_bytes(4, "big")
    nonce, header = context.own_title + counter, layer.header.encode()
    body = close(session.cipher, order.protection, control, nonce, octets, header)
    return control + counter + body, layer._replace(key_info=session.key_info)


def _layer(context: SecurityContext, order: LayerOrder) -> DataLayer:
    recipient = order.recipient or context.peer_title
    if recipient is None:
        raise SecurityError("no system title is known", SecurityFault.UNKNOWN_TITLE)
    transaction_id = order.transaction_id or context.counters.next(_UNICAST).to_bytes(8, "big")
    return DataLayer(
        order.protection, transaction_id, context.own_title, recipient, order.other_information
    )


def _verified(context: SecurityContext, octets: bytes, layer: DataLayer) -> bytes:
    header = layer.header
    if layer.key_info != SIGNATURE_KEY_INFO:
        raise DecodeError("the key-info of a signature says nothing")
    context.check_parties(header, third_party=True)
    cursor = Cursor(octets)
    content = cursor.octet_string()
    covered = header.encode()
    covered += cursor.since(0) if context.profile.signs_content_length else content
    signature = cursor.octet_string()
    cursor.expect_end()
    if not signature_verifies(context.parties.signature_of(layer.originator), covered, signature):
        raise SecurityError("the signature does not verify", SecurityFault.SIGNATURE)
    return content


def _deciphered(
    context: SecurityContext, octets: bytes, layer: DataLayer, counters: _DataCounters, named: bool
) -> tuple[bytes, Protection]:
    """The text of a layer, and what is proven of it; `named` says that its transaction is fresh."""
    header, kind, cursor = layer.header, layer.key_info.kind, Cursor(octets)
    control_octet, counter = cursor.take(1), cursor.take(4)
    control = SecurityControl.read(control_octet[0])
    context.check_control(_GENERAL, control)
    if control.protection != layer.protection:
        raise DecodeError("the security control is not what the protection type says")
    context.check_parties(header, kind in (KeyInfoKind.ONE_PASS, KeyInfoKind.STATIC))
    sender = layer.originator
    ciphered = Ciphered(_GENERAL, sender, control, control_octet, counter, cursor.rest(), None)
    message = GeneralCiphered(header, header.encode(), layer.key_info, ciphered)
    sessions = _session_keys(context)
    session = sessions.received(message, context.keys, counters)
    if layer.protection == Protection.ENCRYPTION:
        text = session.cipher.encipher(sender + counter, ciphered.body)
        proven, verified = Protection.ENCRYPTION, False
    else:
        text, proven, verified = open_ciphered(
            session.cipher, ciphered, sender, message.header_octets
        )
    if not named:
        sessions.check_new(message, session, counters)
    take_counter(session.counters, session.key, sender, int.from_bytes(counter, "big"), verified)
    if verified and not named:
        sessions.keep(message, session, counters)
    return text, proven


def _session_keys(context: SecurityContext) -> SessionKeys:
    """None of other messages: a key that comes with data is of these alone."""
    prefix = context.profile.algorithm_prefix
    return SessionKeys(context.suite, context.own_title, context.parties, prefix)


def _as_ordered(layers: Sequence[DataLayer], orders: Sequence[LayerOrder]) -> bool:
    pairs = zip(layers, orders, strict=False)
    return len(layers) == len(orders) and all(layer.answers(order) for layer, order in pairs)


def _check_count(
    count: int, error: type[LocalProtocolError] | type[DecodeError] = LocalProtocolError
) -> None:
    if not 1 <= count <= DATA_LAYERS_MAX:
        raise error(f"data have 1 to {DATA_LAYERS_MAX} layers of protection, not {count}")


def _of_data(title: bytes) -> bytes:
    return bytes((title[0] ^ _OF_DATA,)) + title[1:]
