"""What is no file of its own right is told of, and never waited for."""

import os

from plugins.diagnostics import Diagnostic
from plugins.documents.files import read_file


def test_a_file_is_read(tmp_path):
    (tmp_path / "post.md").write_bytes(b"Text.\n")

    assert read_file(tmp_path / "post.md", "post.md") == b"Text.\n"


def test_what_cannot_be_read_is_a_diagnostic(tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "link.md").symlink_to(tmp_path / "nowhere.md")
    found = [read_file(tmp_path / f"{name}.md", name) for name in ("pipe", "folder", "link")]

    assert all(isinstance(each, Diagnostic) for each in found)
    assert [each.message for each in found] == [
        "the file cannot be read: it is no file",
        "the file cannot be read: it is no file",
        "the file cannot be read: no such file or directory",
    ]
