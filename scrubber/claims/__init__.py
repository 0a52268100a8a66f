"""From pieces of the file to claims. Knows no edit."""
