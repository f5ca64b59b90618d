"""Reads archives from strangers, and writes files and archives."""
