"""Training for colours that look true: a judge that tells coloured photographs from true ones, and its opponent."""
