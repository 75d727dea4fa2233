"""The only room above both ends of the wire: measuring recordings, and showing what was found."""
