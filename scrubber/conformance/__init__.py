"""Implementation-guide checks: whether a file follows the guides of the 837P and 837I, by pyx12's maps."""
