"""The cable: asyncio transports for the sans-io protocol; nothing here needs numpy."""
