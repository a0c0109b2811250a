// The names of clusters keep off one another, off the words beside what is asked, and off points as far as they can: each
// is moved a little up or down where it covers fewer there. One that there is no room for waits until somebody comes
// nearer. The first are those of the largest clusters.
function scriptoriumLabelled(gd) {
  const WAYS = [0, -12, 12, -24, 24], BETWEEN = 3, MARK = 14, MOST_POINTS = 1500;
  const box = (element) => element.getBoundingClientRect();
  const meet = (one, other, down, room) => one.left < other.right + room && other.left < one.right + room &&
    one.top + down < other.bottom + room && other.top < one.bottom + down + room;
  const named = () => [...gd.querySelectorAll(".annotation")].filter((one) => {
    const told = (gd._fullLayout.annotations || [])[one.dataset.index];
    return told && told.xref !== "paper" && one.querySelector(".annotation-text");
  });
  const place = () => {
    const names = named();
    names.forEach((name) => (name.removeAttribute("transform"), name.style.visibility = ""));
    const sizes = names.map((name) => box(name.querySelector(".annotation-text")));
    const found = names.length ? [...gd.querySelectorAll(".scatterlayer .point")] : [];
    const points = found.length > MOST_POINTS ? [] : found.map(box);
    const taken = [...gd.querySelectorAll(".scatterlayer .textpoint text")].map(box).filter((size) => size.width > 0);
    names.forEach((name, number) => {
      const size = sizes[number];
      const free = WAYS.filter((down) => !taken.some((other) => meet(size, other, down, BETWEEN)));
      if (!free.length) return void (name.style.visibility = "hidden");
      // As near to its own place as another that covers no more; what is marked counts for more than a point.
      const weight = (down, point) => meet(size, point, down, 0) ? (point.width > MARK ? 3 : 1) : 0;
      const cost = (down) => points.reduce((sum, point) => sum + weight(down, point), Math.abs(down) / 100);
      const down = free.reduce((best, one) => cost(one) < cost(best) ? one : best);
      if (down) name.setAttribute("transform", `translate(0,${down})`);
      const { left, right, top, bottom } = size;
      taken.push({ left, right, top: top + down, bottom: bottom + down });
    });
  };
  gd.on("plotly_afterplot", place);
  gd.on("plotly_relayouting", place);
  gd.on("plotly_relayout", place);
  place();
}
