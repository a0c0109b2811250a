"""What is told of a script that is pointed at, where there are too many to send it of all: it is asked for then."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from services.domain.maps import Map
from services.map import telling
from services.map.look import NO_LAYERS, Layers, Look
from services.map.picture import Picture
from services.shelf import Row

_KEY, _POINTED = "map_pointing", "pointed"
# Plotly tells what is pointed at, and where that is in pixels; it has nothing to say itself of points without a text.
# Whoever only passes over them asks nothing. What is asked names the picture that it is asked of, as the figure has it:
# while another is on its way, the page has other scripts by the same numbers.
_SCRIPT = """
export default function ({ data, setStateValue }) {
  const held = (window.scriptoriumPointing ||= { wanted: "", at: null, timer: 0 });
  const plot = (name) => document.querySelector(`.st-key-${name} .js-plotly-plot`);
  const picture = (gd) => gd._fullLayout?.meta?.picture;
  const clear = () => document.querySelectorAll(".scriptorium-card").forEach((card) => card.remove());
  const leave = () => {
    clearTimeout(held.timer);
    Object.assign(held, { wanted: "", at: null });
    clear();
  };
  const make = () => {
    const card = document.createElement("div");
    card.className = "scriptorium-card";
    data.lines.forEach((line, number) => {
      const told = document.createElement("div");
      told.textContent = line;
      if (number === 0) told.style.fontWeight = "600";
      card.appendChild(told);
    });
    Object.assign(card.style, { position: "absolute", width: "max-content", maxWidth: "min(22rem, 80%)",
      boxSizing: "border-box", padding: "0.4rem 0.6rem", background: data.paper, color: data.ink,
      border: `1px solid ${data.rim}`, borderRadius: "4px", zIndex: 20, fontSize: "13px", lineHeight: "1.35",
      overflowWrap: "anywhere", pointerEvents: "none" });
    return card;
  };
  // Right of the point and below it, or where there is room.
  const beside = (at, size, whole) => {
    const away = 12, after = at + away, before = at - away - size;
    return Math.max(0, Math.min(after + size <= whole || before < 0 ? after : before, whole - size));
  };
  const show = () => {
    clear();
    if (!held.at || !data.lines.length || data.pointed !== held.wanted) return;
    const { gd, x, y, axes } = held.at;
    if (!gd.isConnected || picture(gd) !== held.at.picture) return leave();
    const [across, up] = axes.map((name) => gd._fullLayout[name]), card = make();
    gd.style.position = "relative";
    gd.appendChild(card);
    card.style.left = `${beside(across._offset + across.d2p(x), card.offsetWidth, gd.clientWidth)}px`;
    card.style.top = `${beside(up._offset + up.d2p(y), card.offsetHeight, gd.clientHeight)}px`;
  };
  const listen = (gd, frame) => {
    gd.on("plotly_hover", (event) => {
      const point = event.points[0];
      if (!point || point.fullData.hoverinfo !== "none") return;
      held.wanted = [frame, point.curveNumber, point.pointNumber, picture(gd)].join(":");
      const axes = [point.xaxis._name, point.yaxis._name];
      held.at = { gd, picture: picture(gd), x: point.x, y: point.y, axes };
      held.show();
      clearTimeout(held.timer);
      held.timer = setTimeout(() => held.ask(held.wanted), 80);
    });
    gd.on("plotly_unhover", leave);
    // What moves takes its card along when it has come to rest; another picture has none.
    gd.on("plotly_relayouting", clear);
    gd.on("plotly_relayout", () => held.show());
    gd.on("plotly_afterplot", () => held.at && picture(held.at.gd) !== held.at.picture && leave());
  };
  const bind = () => {
    if (held.at && !held.at.gd.isConnected) leave();
    data.frames.forEach((name, frame) => {
      const gd = plot(name);
      if (!gd || !gd.on || gd.scriptoriumPointing) return;
      gd.scriptoriumPointing = true;
      listen(gd, frame);
    });
  };
  // The last that was told, however long the picture has been there.
  held.show = show;
  held.ask = (name) => { if (name && data.pointed !== name) setStateValue("pointed", name); };
  show();
  bind();
  const binding = setInterval(bind, 200);
  return () => clearInterval(binding);
}
"""
_mount = st.components.v2.component("scriptorium_pointing", js=_SCRIPT)


@dataclass(frozen=True, eq=False)
class Told:
    """A picture in the container of this key, of these scripts of a map."""

    frame: str
    picture: Picture
    map: Map
    rows: Sequence[Row]
    look: Look
    layers: Layers = NO_LAYERS

    def of(self, script: str) -> list[str]:
        """What is told of this script, a line each; nothing where it is not drawn."""
        row = next((row for row in self.rows if row.script.id == script), None)
        return telling.card(self.map, row, self.look, self.layers) if row else []


def tell(pictures: Sequence[Told]) -> None:
    """Have it told on these pictures, beside the point; of the points that tell something themselves they do."""
    if any(_is_silent(told.picture) for told in pictures):
        _tell(pictures)


# A run of this alone, and not of the page: what is drawn stays as it is.
@st.fragment
def _tell(pictures: Sequence[Told]) -> None:
    pointed = str(st.session_state.get(_KEY, {}).get(_POINTED, ""))
    colours = pictures[0].look.colours
    with st.container(key="unseen_pointing"):
        _mount(
            key=_KEY,
            data={
                "frames": [told.frame for told in pictures],
                "pointed": pointed,
                "lines": list(_lines(pictures, pointed)),
                "paper": colours.paper,
                "ink": colours.ink,
                "rim": colours.quiet,
            },
            default={_POINTED: ""},
            on_pointed_change=_asked,
        )


def _asked() -> None:
    """What was asked is answered by the run that this begins."""


def _lines(pictures: Sequence[Told], pointed: str) -> Sequence[str]:
    """Of the script that the browser names by its frame, its trace, its place there and the picture that it sees.

    Nothing of another picture than is shown by now: its numbers are of other scripts.
    """
    *places, picture = pointed.split(":")
    numbers = [int(place) for place in places if place.isdecimal()]
    if len(numbers) != 3 or numbers[0] >= len(pictures):  # noqa: PLR2004  three numbers
        return ()
    frame, trace, point = numbers
    told = pictures[frame]
    if told.picture.name != picture:
        return ()
    return next((told.of(script) for script in told.picture.chosen([(trace, point)])), ())


def _is_silent(picture: Picture) -> bool:
    return any(trace.get("hoverinfo") == "none" for trace in picture.figure["data"])
