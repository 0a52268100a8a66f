"""The commands of `scrubber`, a module for each family of them."""
