"""What earlier files have released: keyed hashes of claims in one SQLite file, for edits that compare across files."""
