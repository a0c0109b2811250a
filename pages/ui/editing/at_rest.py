"""What a text field has, told to the server when the hands rest, before Ctrl+S, and after a reload cut it short."""

import streamlit as st

# A field tells what is typed when it is left. This tells it as well when the hands rest for a second, by the key that
# Streamlit itself takes for it, and before Ctrl+S, which would save without the last words. What a reload cuts short
# waits in the browser's tab and is typed again.
_SCRIPT = """<script>
if (!window.scriptoriumAtRest) {
  window.scriptoriumAtRest = true;
  const fields = ".st-key-typing :is(textarea, [data-testid=stTextInput] input)";
  const waiting = new Map();
  const place = (field) => "scriptorium " + new URLSearchParams(location.search).get("edit") + " " + field.ariaLabel;
  const tell = (field) => {
    clearTimeout(waiting.get(field));
    waiting.delete(field);
    // No further than to the field: shortcuts would take it for a key that stays down, and wait for the others.
    const stop = (event) => event.stopPropagation();
    document.body.addEventListener("keydown", stop);
    field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", code: "Enter", ctrlKey: true, bubbles: true}));
    document.body.removeEventListener("keydown", stop);
  };
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches(fields)) return;
    clearTimeout(waiting.get(field));
    if (event.isTrusted) sessionStorage.removeItem(place(field));
    waiting.set(field, setTimeout(() => event.isComposing || tell(field), 1000));
  }, true);
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") [...waiting.keys()].forEach(tell);
  }, true);
  addEventListener("pagehide", () => [...waiting.keys()].filter((field) => field.isConnected).forEach((field) => {
    try { sessionStorage.setItem(place(field), field.value); } catch { /* full, or forbidden */ }
  }));
  const again = setInterval(() => {
    const drawn = [...document.querySelectorAll(fields)];
    const cut = drawn.filter((field) => sessionStorage.getItem(place(field)) !== null);
    cut.filter((field) => !waiting.has(field)).forEach((field) => {
      const kept = sessionStorage.getItem(place(field));
      // It may take a few turns: the page draws itself anew while it opens.
      if (field.value === kept) return sessionStorage.removeItem(place(field));
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, kept);
      field.dispatchEvent(new Event("input", {bubbles: true}));
    });
    if (drawn.length && !cut.length) clearInterval(again);
  }, 300);
}
</script>"""


def tell() -> None:
    """Have it told for the fields in the container ``typing``."""
    with st.container(key="unseen_at_rest"):
        st.html(_SCRIPT, unsafe_allow_javascript=True)
