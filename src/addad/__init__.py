"""addad: a complete smart electricity meter in software, and the two people at its ends."""

__version__ = "0.1.0"
