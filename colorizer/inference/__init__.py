"""A photograph and a checkpoint in, a coloured photograph out."""
