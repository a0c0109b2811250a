"""A running app, in the words of its own domain."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.ui import words

# What a person may type, and what would become of it where Markdown or HTML were read.
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "![x](http://example.invalid/x.png)",
    "$x^2$",
    ":red[x]",
    "[a](http://example.invalid)",
    "# x",
    ":material/home:",
    "`code`",
)


def undone(shown: str) -> str:
    """What ``words.plain`` was given."""
    return re.sub(r"\\(.)", r"\1", shown.replace(words.CUT, ""))


def mismatch(workspace: Path) -> None:
    """The workspace asks with another model than the one that embedded its scripts; both have 384 dimensions."""
    settings = workspace / "workspace.yaml"
    settings.write_text(settings.read_text().replace("name: minilm", "name: hashing"))


@dataclass(frozen=True)
class Column:
    """What one section of the Retrieve page shows."""

    name: str
    aside: str
    hits: list[str]
    distances: list[float]
    captions: list[str]
    errors: list[str]


class View:
    """A running app, with the words of its own domain."""

    def __init__(self, app: AppTest) -> None:
        self.app = app

    def go(self, page: str) -> "View":
        self.app.switch_page(f"pages/{page}.py").run()
        return self

    def run(self) -> "View":
        self.app.run()
        return self

    def columns(self) -> dict[str, Column]:
        found = (_column(block) for block in self.app.columns)
        return {column.name: column for column in found if column is not None}

    def hits(self) -> dict[str, list[str]]:
        return {name: column.hits for name, column in self.columns().items()}

    def field(self, label: str):
        widgets = (*self.app.text_input, *self.app.text_area, *self.app.selectbox, *self.app.multiselect)
        return next(w for w in widgets if w.label == label)

    def fill(self, label: str, value: object) -> "View":
        self.field(label).set_value(value).run()
        return self

    def button(self, label: str):
        # By its key where others on the page are called the same.
        return next(b for b in self.app.button if label in (b.label, b.key))

    def press(self, label: str) -> "View":
        self.button(label).click().run()
        return self

    def until(self, done: Callable[["View"], bool], limit: float = 90) -> "View":
        """Draw the page again until something is so: background work has ended."""
        until = time.monotonic() + limit
        while time.monotonic() < until:
            self.run()
            if done(self):
                return self
            # Drawing is work too, and the work that is waited for needs the processor.
            time.sleep(0.4)
        raise AssertionError(self.said())

    def labels(self) -> list[str]:
        return [b.label for b in self.app.button]

    def shown(self) -> str:
        """Every word on the page that Streamlit reads as Markdown."""
        kinds = ("error", "warning", "info", "success", "markdown", "caption", "header", "subheader")
        return "\n".join(element.value for kind in kinds for element in self.app.get(kind))

    def said(self) -> str:
        """The same as it is drawn: without what keeps Markdown out."""
        return undone(self.shown())

    def texts(self) -> list[str]:
        return [text.value for text in self.app.text]

    def titles(self) -> list[str]:
        return list(self.app.dataframe[0].value["Title"])


def _column(block) -> Column | None:
    drawn = [html.value for html in block.get("html")]
    heads = [re.search(r'class="section".*?<b>(.*?)</b><small>(.*?)</small>', html) for html in drawn]
    if not heads or heads[0] is None:
        return None
    distances = [re.search(r"<b>(\d\.\d{3})</b>", html) for html in drawn]
    return Column(
        heads[0][1].lower(),
        heads[0][2],
        [b.key.removeprefix("read_") for b in block.button if b.key and b.key.startswith("read_")],
        [float(found[1]) for found in distances if found],
        [undone(caption.value) for caption in block.caption],
        [undone(error.value) for error in block.error],
    )
