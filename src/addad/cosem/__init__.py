"""COSEM interface classes, objects, logical devices: sans-io, the same constants at both ends."""
