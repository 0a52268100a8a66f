"""What test claim files are expected to give: stated in a sidecar beside each, held against what is found."""
