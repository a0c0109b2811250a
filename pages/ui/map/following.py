"""A script that is pointed at on one picture has a ring on the other, at once: a page run would come too late."""

import json
from collections.abc import Sequence

import streamlit as st

from pages.ui import palette

# Plotly tells what is pointed at, and where a place is in pixels. Listeners are bound to a picture once.
_SCRIPT = """<script>
(() => {
  const frames = FRAMES, colour = COLOUR;
  const plot = (name) => document.querySelector(`.st-key-${name} .js-plotly-plot`);
  const clear = () => document.querySelectorAll(".scriptorium-ring").forEach((ring) => ring.remove());
  const find = (gd, number) => {
    for (const trace of gd._fullData || []) {
      const row = trace.customdata ? Array.prototype.indexOf.call(trace.customdata, number) : -1;
      if (row >= 0 && trace.visible === true) return [trace.x[row], trace.y[row]];
    }
    return null;
  };
  const ring = (gd, at) => {
    const x = gd._fullLayout.xaxis, y = gd._fullLayout.yaxis, size = 26, made = document.createElement("div");
    const left = x._offset + x.d2p(at[0]), top = y._offset + y.d2p(at[1]);
    const within = (axis, place) => place >= axis._offset && place <= axis._offset + axis._length;
    if (!within(x, left) || !within(y, top)) return;
    made.className = "scriptorium-ring";
    Object.assign(made.style, { position: "absolute", width: `${size}px`, height: `${size}px`,
      left: `${left - size / 2}px`, top: `${top - size / 2}px`, border: `3px solid ${colour}`, borderRadius: "50%",
      boxSizing: "border-box", pointerEvents: "none", zIndex: 10 });
    gd.style.position = "relative";
    gd.appendChild(made);
  };
  const bind = () => frames.forEach((name, side) => {
    const gd = plot(name);
    if (!gd || !gd.on || gd.scriptoriumBound) return;
    gd.scriptoriumBound = true;
    gd.on("plotly_hover", (event) => {
      clear();
      const number = event.points[0] && event.points[0].customdata, other = plot(frames[1 - side]);
      const at = number === undefined || !other ? null : find(other, number);
      if (at) ring(other, at);
    });
    gd.on("plotly_unhover", clear);
  });
  clearInterval(window.scriptoriumFollowing);
  window.scriptoriumFollowing = setInterval(() => frames.some(plot) ? bind() : clearInterval(
    document.querySelector(`.st-key-${frames[0]}`) ? 0 : window.scriptoriumFollowing), 500);
})();
</script>"""


def pointed_at(frames: Sequence[str]) -> None:
    """Have it so between the pictures in these two containers."""
    script = _SCRIPT.replace("FRAMES", json.dumps(list(frames))).replace("COLOUR", json.dumps(palette.accent()))
    with st.container(key="unseen_following"):
        st.html(script, unsafe_allow_javascript=True)
