"""An association with its blocks and its security in one object, for either role: sans-io.

Green Book, IEC 62056-5-3. `ClientConnection` and `ServerConnection` keep one state table
(`association.TRANSITIONS`); `apdu_path.ApduPath` stands between them and the octets.
"""

from addad.dlms.access_exchanges import AccessIndication, AccessOutcome, AccessReply
from addad.dlms.association import State
from addad.dlms.blocks import Encodable
from addad.dlms.client_association import Associated, Released
from addad.dlms.client_connection import ClientConnection, Reply
from addad.dlms.client_exchanges import ActionReply, GetReply, SetReply
from addad.dlms.indications import (
    ActionIndication,
    AssociateIndication,
    GetIndication,
    Incident,
    IncidentKind,
    Indication,
    ReleaseIndication,
    SetIndication,
)
from addad.dlms.parameters import AssociationParameters, Negotiated, ServerParameters
from addad.dlms.server_connection import ServerConnection

__all__ = [
    "AccessIndication",
    "AccessOutcome",
    "AccessReply",
    "ActionIndication",
    "ActionReply",
    "AssociateIndication",
    "Associated",
    "AssociationParameters",
    "ClientConnection",
    "Encodable",
    "GetIndication",
    "GetReply",
    "Incident",
    "IncidentKind",
    "Indication",
    "Negotiated",
    "ReleaseIndication",
    "Released",
    "Reply",
    "ServerConnection",
    "ServerParameters",
    "SetIndication",
    "SetReply",
    "State",
]
