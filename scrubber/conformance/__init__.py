"""Implementation-guide checks: whether a file is what the guides of the 837P and 837I ask for, as pyx12 has them."""
