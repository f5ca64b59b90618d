"""Files and archives: how they are read from strangers, and how they are written."""
