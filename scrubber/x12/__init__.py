"""X12 syntax: delimiters, segments, pieces and envelope of a file. It knows nothing of claim fields."""
