"""DLMS security: suites 0, 1 and 2, keys, counters, and what protects an APDU.

Green Book, IEC 62056-5-3 (cryptographic protection of xDLMS APDUs).
"""
