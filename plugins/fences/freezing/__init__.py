"""What fences put out, kept beside the post under keys that tell when it is stale."""
