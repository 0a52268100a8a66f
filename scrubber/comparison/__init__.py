"""Two runs side by side: which claims changed disposition, and which findings came and went."""
