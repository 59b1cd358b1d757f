"""The templates of pages: read once, and not again while the service runs."""

from serving import templating


def test_a_template_that_changes_on_disk_waits_for_the_restart_as_its_code_does(tmp_path, monkeypatch):
    (tmp_path / "parts").mkdir()
    for name in ("seen.html", "unseen.html", "parts/inner.html"):
        (tmp_path / name).write_text("antes", "utf-8")
    monkeypatch.setattr(templating, "FOLDER", tmp_path)
    templating._environment.cache_clear()
    try:
        before = templating.template("seen.html").render()
        for name in ("seen.html", "unseen.html", "parts/inner.html"):
            (tmp_path / name).write_text("{{ del_codigo_nuevo }}", "utf-8")
        after = [templating.template(name).render() for name in ("seen.html", "unseen.html", "parts/inner.html")]
    finally:
        templating._environment.cache_clear()

    assert [before, *after] == ["antes"] * 4
