"""What a person has zoomed to on the picture, and the tool in hand: kept in the browser when another is drawn.

Names on it are kept apart there, too.

Streamlit puts a new chart in place of one whose figure has changed, and tells nobody where the old one was zoomed to.
``uirevision`` of Plotly is no help there: it holds within one chart only.
"""

import json

import streamlit as st

from services.map import labelled

# Of the chart only what can be pressed is used: without a handle on Plotly its axes are moved by "Reset axes", which
# goes to where they began, and is told another beginning for that moment. A picture of other places begins anew.
_SCRIPT = """<script>
(() => {
  LABELLED
  const frame = FRAME;
  const kept = window.scriptoriumView ||= { places: "", x: null, y: null, tool: "" };
  const plot = () => document.querySelector(`.st-key-${frame} .js-plotly-plot`);
  const axes = (gd) => Object.values(gd._fullLayout).filter((one) => one && one._rangeInitial0 !== undefined);
  const press = (gd, kind, value) => {
    const button = gd.querySelector(`.modebar-btn[data-attr="${kind}"][data-val="${value}"]`);
    if (!button) return;
    gd.scriptoriumPressed += 1;
    // For the button alone: whatever is open on the page would take it for a click elsewhere, and close.
    button.dispatchEvent(new MouseEvent("click", { bubbles: false }));
  };
  const shown = (gd) => ({ x: [...gd._fullLayout.xaxis.range], y: [...gd._fullLayout.yaxis.range] });
  const keep = (gd, whole) => {
    // What was pressed here is told later on, and is no wish of anybody: axes that share a scale only ever widen.
    if (gd.scriptoriumPressed > 0) return void (gd.scriptoriumPressed -= 1);
    const to = shown(gd), zoomed = JSON.stringify(to) !== JSON.stringify(whole);
    Object.assign(kept, { places: gd._fullLayout.uirevision, tool: gd._fullLayout.dragmode,
      x: zoomed ? to.x : null, y: zoomed ? to.y : null });
  };
  const bring = (gd) => {
    if (kept.tool && kept.tool !== gd._fullLayout.dragmode) press(gd, "dragmode", kept.tool);
    const to = kept;
    if (!to.x || to.places !== gd._fullLayout.uirevision) return;
    const begun = axes(gd).map((axis) => [axis._id, axis._rangeInitial0, axis._rangeInitial1]);
    axes(gd).forEach((axis) => [axis._rangeInitial0, axis._rangeInitial1] = to[axis._id[0]]);
    press(gd, "zoom", "reset");
    begun.forEach(([id, low, high]) => {
      const axis = axes(gd).find((one) => one._id === id);
      if (axis) [axis._rangeInitial0, axis._rangeInitial1] = [low, high];
    });
  };
  const bind = () => {
    if (!document.querySelector(".st-key-unseen_view")) return clearInterval(window.scriptoriumKeeping);
    const gd = plot();
    if (!gd || !gd.on || !gd._fullLayout || !gd.querySelector(".modebar-btn") || gd.scriptoriumKept) return;
    Object.assign(gd, { scriptoriumKept: true, scriptoriumPressed: 0 });
    const whole = shown(gd);
    gd.on("plotly_relayout", () => keep(gd, whole));
    bring(gd);
    scriptoriumLabelled(gd);
  };
  clearInterval(window.scriptoriumKeeping);
  window.scriptoriumKeeping = setInterval(bind, 100);
})();
</script>"""


def keep(frame: str) -> None:
    """Have it so for the picture in this container."""
    with st.container(key="unseen_view"):
        script = _SCRIPT.replace("FRAME", json.dumps(frame)).replace("LABELLED", labelled.script())
        st.html(script, unsafe_allow_javascript=True)
