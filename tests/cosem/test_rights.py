"""The three usual associations."""

import pytest

from addad import obis
from addad.cosem.classes import Clock, DisconnectControl, Register
from addad.cosem.cosem_object import CosemObject
from addad.cosem.rights import (
    AssociationSpec,
    management_rights,
    public_rights,
    reader_rights,
    usual_associations,
)
from addad.dlms.acse import Mechanism
from addad.dlms.types import DoubleLongUnsigned
from addad.errors import LocalProtocolError
from cosem.sample_device import SampleMeter


def test_the_three_usual_associations() -> None:
    public, reader, management = usual_associations(reader_password=b"r", management_password=b"m")
    assert (public.client_sap, public.mechanism, public.password) == (16, Mechanism.NONE, b"")
    assert (reader.client_sap, reader.mechanism, reader.password) == (2, Mechanism.LOW, b"r")
    assert (management.client_sap, management.mechanism) == (1, Mechanism.LOW)
    assert [str(s.logical_name) for s in (public, reader, management)] == [
        "0-0:40.0.1",
        "0-0:40.0.2",
        "0-0:40.0.3",
    ]


def test_a_password_that_is_a_text_is_refused_before_any_client_is() -> None:
    with pytest.raises(LocalProtocolError, match="a password is octets"):
        usual_associations(
            reader_password="r",  # type: ignore[arg-type]  # a mistake
            management_password=b"m",
        )


def test_rights_by_kind_of_binding() -> None:
    relay = DisconnectControl.output_state.reads(lambda: True)
    cut = DisconnectControl.remote_disconnect.does(lambda _: None)
    item = CosemObject(DisconnectControl, obis.DISCONNECT_CONTROL, relay, cut)
    assert not public_rights(item, relay)
    assert reader_rights(item, relay)
    assert not reader_rights(item, cut)
    assert management_rights(item, cut)


def test_the_public_client_writes_nothing_not_even_the_clock() -> None:
    clock = CosemObject(
        Clock, obis.CLOCK, reads := Clock.status.reads(lambda: 0), writes := Clock.status.writes(id)
    )
    assert public_rights(clock, reads)
    assert not public_rights(clock, writes)


def test_a_view_holds_only_what_is_allowed() -> None:
    device = SampleMeter().device
    public = device.view(device.associations[16])
    assert obis.ACTIVE_ENERGY_IMPORT not in public
    management = device.view(device.associations[1])
    value = Register.value.typed(DoubleLongUnsigned)
    assert management[obis.ACTIVE_ENERGY_IMPORT].reads[value.index].encode(None)


@pytest.mark.parametrize(
    ("mechanism", "ciphered", "words"),
    [
        (Mechanism.NONE, True, "a ciphered association needs a security context"),
        (Mechanism.HIGH_SHA256, False, "mechanism 6 needs a security context"),
        (Mechanism.HIGH_GMAC, False, "mechanism 5 needs a security context"),
        (Mechanism.HIGH_ECDSA, False, "mechanism 7 needs a security context"),
        (Mechanism.HIGH_MD5, False, "no meter here offers mechanism 3"),
    ],
)
def test_an_association_that_would_refuse_every_client_is_told_where_it_is_made(
    mechanism: Mechanism, ciphered: bool, words: str
) -> None:
    with pytest.raises(LocalProtocolError, match=words):
        AssociationSpec(
            1, obis.MANAGEMENT_ASSOCIATION, management_rights, mechanism, ciphered=ciphered
        )
