"""Freeze posts on the machines of a Dask cluster: `invoke freeze --scheduler`."""
