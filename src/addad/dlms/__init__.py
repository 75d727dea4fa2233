"""DLMS: octets to APDUs and back, without I/O (Green Book, IEC 62056-5-3)."""
