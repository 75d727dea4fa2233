"""The cable: asyncio transports for the sans-io protocol; nothing here needs numpy.

A client of a meter is `addad.net.client.Client`; over TCP `Client.connect` makes its link too.
Other links: `addad.net.udp.connect_over_udp`, `addad.net.hdlc.connect_over_hdlc`,
`addad.net.serial.open_serial_link`; several associations on one: `addad.net.shared.SharedLink`.
Meters that call in: `addad.net.call_in.CallInListener`. Pushes: `addad.net.push.PushListener`.
A meter is served by `addad.net.server.serve`, `addad.net.udp_server.serve_udp`,
`addad.net.hdlc_server.serve_hdlc`, `addad.net.serial.serve_serial`.
"""
