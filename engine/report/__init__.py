"""The result document: its published shape, `result.schema.json`, and its renderings."""
