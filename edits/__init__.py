"""The built-in edits, one module per topic. They are loaded through the same entry-point group as edits of others."""
