"""The walk through the days of a contract, room by room; `walk` is the whole."""
