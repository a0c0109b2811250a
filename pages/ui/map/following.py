"""A script that is pointed at on one picture has a ring on the other, at once: a page run would come too late."""

import json
from collections.abc import Sequence

import streamlit as st

from pages.ui import palette
from services.map import following

# Listeners are bound to a picture once.
_SCRIPT = """<script>
(() => {
  FOLLOW
  const frames = FRAMES, colour = () => COLOUR;
  const plot = (name) => document.querySelector(`.st-key-${name} .js-plotly-plot`);
  const bind = () => frames.forEach((name, side) => {
    const gd = plot(name);
    if (!gd || !gd.on || gd.scriptoriumBound) return;
    gd.scriptoriumBound = true;
    scriptoriumFollow(gd, () => plot(frames[1 - side]), colour);
  });
  clearInterval(window.scriptoriumFollowing);
  window.scriptoriumFollowing = setInterval(() => frames.some(plot) ? bind() : clearInterval(
    document.querySelector(`.st-key-${frames[0]}`) ? 0 : window.scriptoriumFollowing), 500);
})();
</script>"""


def pointed_at(frames: Sequence[str]) -> None:
    """Have it so between the pictures in these two containers."""
    script = _SCRIPT.replace("FRAMES", json.dumps(list(frames))).replace("COLOUR", json.dumps(palette.accent()))
    script = script.replace("FOLLOW", following.script())
    with st.container(key="unseen_following"):
        st.html(script, unsafe_allow_javascript=True)
