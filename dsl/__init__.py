"""The language: contract text to its meaning, knowing no machine that runs it."""
