"""Networks: the interface they implement, the layers they share, and one file for each system."""
