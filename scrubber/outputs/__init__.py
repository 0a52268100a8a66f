"""Outputs: one module for each kind of file that the scrubber writes."""
