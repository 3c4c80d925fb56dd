"""The plugins of AI Terminal; each folder has a pure core, and a `plugin.py` for Pelican."""
