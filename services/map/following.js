// Plotly tells what is pointed at, and where a place is in pixels. Points that are one script have one number.
function scriptoriumFollow(one, other, colour) {
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
      left: `${left - size / 2}px`, top: `${top - size / 2}px`, border: `3px solid ${colour()}`, borderRadius: "50%",
      boxSizing: "border-box", pointerEvents: "none", zIndex: 10 });
    gd.style.position = "relative";
    gd.appendChild(made);
  };
  one.on("plotly_hover", (event) => {
    clear();
    const number = event.points[0] && event.points[0].customdata, there = other();
    const at = number === undefined || !there ? null : find(there, number);
    if (at) ring(there, at);
  });
  one.on("plotly_unhover", clear);
}
