"""The tab for many photographs."""
