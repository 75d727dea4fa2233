"""COSEM interface classes, objects, logical devices: sans-io, the same constants at both ends.

`addad.cosem.classes` has the classes, whose attributes a client names and a meter binds. A meter is
`addad.cosem.cosem_object.CosemObject`s in an `addad.cosem.logical_device.LogicalDevice`, with the
associations of `addad.cosem.rights`; `addad.cosem.server.ServerEndpoint` and
`addad.cosem.hdlc_server.HdlcEndpoint` take octets for it, `addad.cosem.sessions.Sessions` APDUs.
"""
