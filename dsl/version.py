"""What the distribution, `contract --version` and every result document call this release."""

__version__ = "0.1.0"
