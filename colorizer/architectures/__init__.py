"""Networks: the contract they keep, the layers they share, and one file for each system."""
