"""DLMS: octets to APDUs and back, without I/O (Green Book, IEC 62056-5-3).

An association with all that belongs to it is `addad.dlms.connection.ClientConnection` or
`addad.dlms.connection.ServerConnection`. `addad.dlms.data` has values as they come,
`addad.dlms.types` COSEM types that know the Python ones, `addad.dlms.apdu` each APDU,
`addad.dlms.security` keys and what protects an APDU, `addad.dlms.wrapper` and `addad.dlms.hdlc`
frames, `addad.dlms.columns` profiles as numpy columns.
"""
