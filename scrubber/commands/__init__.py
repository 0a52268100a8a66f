"""The commands of `scrubber`, one module for each group of commands."""
