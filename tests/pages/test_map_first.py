"""The Map page on a cold start: what is seen before the index is open."""

import threading

import streamlit as st

from pages.ui.map import first
from services import wiring
from services.live_index import LiveIndex
from services.records.folder import RecordFolder
from services.workbench import Workbench
from tests.doubles import FlatFitter
from tests.pages.view import undone


def test_the_map_is_seen_before_the_index_is_open_and_the_page_follows(demo, open_app, monkeypatch):
    bare = next((demo / "records" / "induction").iterdir())
    bare.write_text(bare.read_text().partition("\nvectors:")[0] + "\n")
    # Whatever comes first has the driver learn the pages.
    open_app(demo, "health")
    st.cache_resource.clear()
    monkeypatch.setattr(wiring, "fitter", FlatFitter)
    waited, drawn, there = [], [], threading.Event()
    keeper, sketch = LiveIndex._own_or_borrow, first.sketch

    def opened(index):
        # A page that shows nothing before is let go on after a while, and fails below.
        waited.append(there.wait(5))
        return keeper(index)

    def draws(now, *more):
        drawn.append((now.drawn.value, len(now.scripts)))
        there.set()
        return sketch(now, *more)

    monkeypatch.setattr(LiveIndex, "_own_or_borrow", opened)
    monkeypatch.setattr(first, "sketch", draws)
    view = open_app(demo, "map")
    assert (waited[0], drawn[0]) == (True, ("pca", 91))
    assert len(view.app.get("plotly_chart")) == 1, "it has made room for the page"
    assert view.button("map_anew")
    assert "1 script cannot be placed." in view.said()
    assert any("It has no vectors yet." in undone(caption.help or "") for caption in view.app.caption)


def test_many_are_seen_as_they_were_drawn_last_before_they_are_read(demo, open_app, monkeypatch):
    monkeypatch.setattr(wiring, "fitter", FlatFitter)
    with Workbench(demo) as workbench:
        workbench.refresh()
        workbench.draw_map()
    open_app(demo, "health")
    st.cache_resource.clear()
    monkeypatch.setattr(first, "_FEW", 90)
    read, drawn, there = [], [], threading.Event()
    look, glimpse = RecordFolder.look, first.glimpse

    def looks(folder, progress=None):
        if progress:
            progress(0, 92)
            read.append(there.wait(5))
        return look(folder, progress)

    def draws(kept, filed, *more):
        drawn.append((kept.drawn.value, len(filed)))
        there.set()
        return glimpse(kept, filed, *more)

    monkeypatch.setattr(RecordFolder, "look", looks)
    monkeypatch.setattr(first, "glimpse", draws)
    view = open_app(demo, "map")
    assert (read[0], drawn) == (True, [("umap", 92)])
    assert view.button("map_anew")
