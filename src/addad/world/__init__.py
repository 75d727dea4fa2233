"""The simulated world: a house, its network and its sun, and what a front end makes of them.

The truth told here is independent of the instrument and of the protocol that are tested by it.
"""
