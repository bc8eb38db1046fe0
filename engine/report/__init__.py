"""The result document, its published shape (`result.schema.json`) and its renderings, which don't know each other."""
