"""Read any DLMS/COSEM meter: its object list, its attributes, its profiles."""
