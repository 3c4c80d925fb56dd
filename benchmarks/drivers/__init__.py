"""Programs that have a library execute a folder of posts, where it has no such command itself."""
