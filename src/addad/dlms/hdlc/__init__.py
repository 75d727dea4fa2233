"""HDLC as meters speak it on serial lines: frames, addresses, negotiation, and the link; sans-io.

IEC 62056-46, Green Book: frames of type 3, unbalanced normal response mode. The client is the
primary station and polls; the server speaks only when it is polled.
"""
