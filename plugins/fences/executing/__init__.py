"""Run fences in processes of their own, watched and limited; nothing here knows of posts."""
