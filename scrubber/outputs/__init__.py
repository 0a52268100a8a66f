"""What is written: one module for each kind of output."""
