"""No key and no script reaches a page by a result, however it came to be."""

from dataclasses import replace

from frozen_site import SHOWN

from plugins.fences.freezing.frozen import dump, load


def test_a_key_that_only_the_second_run_puts_out_is_found_too_and_told_nowhere(site):
    """No message holds it, not even that of two outputs that differ."""
    code = """import os
again = int(os.environ["PYTHONHASHSEED"])
print("hf_" + ("aB3dE5g" * (1 + 4 * again))[:34])
"""
    site.post("post", f"```python {{.run}}\n{code}```\n")
    status, told, err = site.freeze()

    assert status == 1
    assert "it puts out a token of Hugging Face" in err
    assert "aB3dE5g" * 2 not in "".join(told) + err
    assert not site.frozen("post").exists()


def test_a_key_in_a_result_that_was_frozen_is_told_by_a_build_and_never_shown(site):
    """By an older version, by another hand."""
    site.post("post", "one")
    assert site.freeze()[0] == 0
    frozen = load(site.frozen("post").read_bytes(), "post")
    ((key, result),) = frozen.results.items()
    token = "hf_" + "aB3dE5gH7" * 3 + "aB3dE5g"
    (output,) = result.outputs
    results = {key: replace(result, outputs=(replace(output, text=token),))}
    site.frozen("post").write_bytes(dump(replace(frozen, results=results)))
    folder, built = site.build()

    assert built.returncode == 1
    assert built.stderr.startswith(
        "content/posts/post.md:4: it puts out a token of Hugging Face, which nobody should read "
        "[fence-secret]"
    )
    assert token not in built.stderr
    assert not list(folder.rglob("*.html"))


def test_a_freeze_file_that_means_no_good_does_nothing_to_the_page(site):
    """Whoever writes one can also make its seal: what a page shows is cleaned when it is built."""
    post = site.post("post", f"```python {{.run}}\n{SHOWN}Shown(html='<p>kept</p>')\n```\n")
    assert site.freeze()[0] == 0
    frozen = load(site.frozen("post").read_bytes(), "post")
    ((key, result),) = frozen.results.items()
    evil = '</div></figure><script>alert(1)</script><p onclick="x" style="y" id="z">shown</p>'
    (output,) = result.outputs
    results = {key: replace(result, outputs=(replace(output, rich=evil),))}
    site.frozen("post").write_bytes(dump(replace(frozen, results=results)))
    folder, built = site.build()

    assert (built.returncode, built.stderr) == (0, "")
    for path in (*folder.rglob("*.html"), *folder.rglob("*.xml")):
        text = path.read_text()
        assert "alert(1)" not in text
        assert "onclick" not in text
        assert post.stem not in path.parts or "<p>shown</p>" in text
