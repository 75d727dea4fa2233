"""What our client sends on an HDLC link is, frame by frame, what dlms-cosem makes of the same."""

import pytest

from addad.dlms.hdlc.decoder import FrameDecoder
from addad.dlms.hdlc.frame import FrameKind
from addad.dlms.hdlc.parameters import DEFAULT_PARAMETERS, LinkParameters
from dlms.hdlc.line import CLIENT as OUR_SAP
from dlms.hdlc.line import SERVER, Line, stations
from foreign.cells import CLIENT, COSEM, GURUX, cell


def _sent(apdu: bytes, parameters: LinkParameters = DEFAULT_PARAMETERS) -> list[bytes]:
    """The frames of a client that connects, asks, and disconnects."""
    line = Line(*stations(parameters, LinkParameters(2030, 2030, 7, 7)))
    near = line.near.link
    line.far.answer_with = {apdu: apdu * 2}
    near.connect()
    line.run(lambda: bool(line.near.connected))
    near.send(apdu)
    near.answer_wanted = True
    line.run(lambda: bool(line.near.apdus))
    near.disconnect()
    line.run(lambda: bool(line.near.ends))
    assert line.near.apdus == [apdu * 2]
    frames = [one for octets in line.sent for one in FrameDecoder().feed(octets)]
    return [one.encode() for one in frames if one.source == OUR_SAP]


@cell(
    COSEM,
    CLIENT,
    services=("association",),
    transport="HDLC over TCP",
    note="frames that it makes: SNRM, I, RR, DISC",
)
@pytest.mark.parametrize("length", [10, 100, 700])
def test_frames_are_theirs_to_the_octet(length: int) -> None:
    from dlms_cosem.hdlc import address, frames

    server = address.HdlcAddress(SERVER.upper, SERVER.lower, "server")
    client = address.HdlcAddress(OUR_SAP.upper, None, "client")
    kinds = []
    for octets in _sent(bytes(range(100)) * (length // 100) or bytes(length)):
        (ours,) = FrameDecoder().feed(octets)
        meaning = ours.meaning
        assert meaning is not None
        kinds.append(meaning.kind)
        if meaning.kind is FrameKind.SNRM:
            theirs = frames.SetNormalResponseModeFrame(server, client)
        elif meaning.kind is FrameKind.DISC:
            theirs = frames.DisconnectFrame(server, client)
        elif meaning.kind is FrameKind.RR:
            theirs = frames.ReceiveReadyFrame(
                server, client, receive_sequence_number=meaning.receive
            )
        else:
            theirs = frames.InformationFrame(
                server,
                client,
                ours.information,
                ours.segmented,
                meaning.poll,
                send_sequence_number=meaning.send,
                receive_sequence_number=meaning.receive,
            )
        assert theirs.to_bytes() == octets
    assert kinds[0] is FrameKind.SNRM
    assert kinds[-1] is FrameKind.DISC
    assert FrameKind.I in kinds


@cell(
    GURUX,
    CLIENT,
    services=("association",),
    transport="HDLC over TCP",
    note="SNRM with parameters, as its client writes it",
)
def test_the_parameters_of_snrm_are_theirs() -> None:
    from gurux_dlms import GXDLMSClient
    from gurux_dlms.enums import Authentication, InterfaceType

    address = GXDLMSClient.getServerAddress(SERVER.upper, SERVER.lower)
    client = GXDLMSClient(
        True, OUR_SAP.upper, address, Authentication.NONE, None, InterfaceType.HDLC
    )
    client.serverAddressSize = 2
    settings = client.hdlcSettings
    settings.maxInfoTX = settings.maxInfoRX = 2030
    settings.windowSizeTX = settings.windowSizeRX = 7
    first, *_ = _sent(b"x", LinkParameters(2030, 2030, 7, 7))
    assert bytes(client.snrmRequest()) == first
