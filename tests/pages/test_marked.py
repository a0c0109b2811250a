"""Differences as they are drawn: marked by more than colour, and never read as HTML."""

import re

from streamlit.testing.v1 import AppTest


def drawn(before: str, after: str, around: int | None = None) -> str:
    """The text with ``[-gone-]`` and ``{+new+}``, from the HTML that is drawn."""

    def page(before: str, after: str, around: int | None) -> None:
        from pages.ui.marked import marked  # noqa: PLC0415  the driver runs this function alone
        from services.domain.differences import differences  # noqa: PLC0415

        marked(differences(before, after), around=around)

    app = AppTest.from_function(page, args=(before, after, around)).run()
    assert not app.exception
    html = app.get("html")[0].value
    assert re.findall(r"<(?!/?(?:div|ins|del)\b)", html) == []
    html = re.sub(r"<del [^>]*line-through[^>]*>(.*?)</del>", r"[-\1-]", html, flags=re.DOTALL)
    html = re.sub(r"<ins [^>]*underline[^>]*>(.*?)</ins>", r"{+\1+}", html, flags=re.DOTALL)
    return re.sub(r"</?div[^>]*>", "", html)


def test_what_is_gone_stands_before_what_came_and_both_are_marked() -> None:
    assert drawn("the calm sea", "the wide sea") == "the [-calm-]{+wide+} sea"


def test_words_are_no_html_and_what_is_not_seen_is_shown() -> None:
    hostile = "<img src=x onerror=alert(1)> \u202e&"
    assert drawn("", hostile) == "{+&lt;img src=x onerror=alert(1)&gt; [U+202E]&amp;+}"


def test_what_is_far_from_a_difference_is_left_out() -> None:
    before = "one two three four five six seven"
    assert drawn(before, before.replace("four", "4"), around=1) == "… three [-four-]{+4+} five … "
    assert drawn(before, f"{before} eight", around=2) == "… six seven{+ eight+}"


def test_a_line_that_came_is_seen() -> None:
    assert drawn("one two", "one\n\ntwo") == "one[- -]{+¶\n¶\n+}two"


def test_beside_each_other_either_text_has_its_own_words_marked() -> None:
    def page() -> None:
        from pages.ui.marked import side  # noqa: PLC0415  the driver runs this function alone
        from services.domain.differences import Kind, differences  # noqa: PLC0415

        pieces = differences("the <calm> sea", "the wide sea, at night")
        side(pieces, Kind.GONE)
        side(pieces, Kind.NEW)

    app = AppTest.from_function(page).run()
    assert not app.exception
    html = [re.sub(r"<mark [^>]*underline[^>]*>(.*?)</mark>", r"{\1}", one.value) for one in app.get("html")]
    assert [re.sub(r"</?div[^>]*>", "", one) for one in html] == [
        "the {&lt;calm&gt;} sea",
        "the {wide} sea{, at night}",
    ]
