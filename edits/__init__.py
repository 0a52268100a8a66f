"""The built-in edits, one module per topic; they come through the same entry-point group as anyone's."""
