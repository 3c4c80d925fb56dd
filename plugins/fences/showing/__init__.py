"""What fences put out beside text: made safe for a page, and of one form for both schemes."""
