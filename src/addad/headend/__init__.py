"""The utility's side: service points, collection, commands, alarms, store and web console."""
