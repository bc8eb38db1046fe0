"""The machines that run a checked contract on the facts of its months."""
