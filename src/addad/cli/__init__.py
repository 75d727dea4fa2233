"""The command line: a command a file; the only room that prints."""
