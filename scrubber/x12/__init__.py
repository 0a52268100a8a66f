"""The wire: delimiters, segments, pieces and envelope of an X12 file. Knows no claim."""
