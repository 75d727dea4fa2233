"""Power quality by the class A method of IEC 61000-4-30: half-cycles, events, intervals."""
