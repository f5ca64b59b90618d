"""Every system, one file each."""
