"""What studies found, put before people: documents, tables, words."""
