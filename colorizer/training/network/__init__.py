"""The network in training: its first weights, its steps, its optimizer, and whether it learns."""
