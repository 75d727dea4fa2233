"""What runs inside the case of a meter: pure, stepped by samples and time.

`device.Meter` holds the parts; `objects` is the table of what a client sees of them. No part reads
a clock, a file or chance: `now`, elapsed time and memory are arguments.
"""
