"""X12 syntax: delimiters, segments, pieces and envelope of a file. It has no claim fields."""
