"""The navigation on a phone: a drawer over the page, which closes when a page was chosen."""

import streamlit as st

# Streamlit has no setting for it: its drawer stays open over the page that was asked for.
_SCRIPT = """<script>
if (!window.scriptoriumDrawer) {
  window.scriptoriumDrawer = true;
  const narrow = matchMedia("(max-width: 768px)");
  document.addEventListener("click", (event) => {
    if (!narrow.matches || !event.target.closest("[data-testid=stSidebarNavLink]")) return;
    setTimeout(() => document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click());
  });
}
</script>"""


def close_when_chosen() -> None:
    """Have the drawer closed by a choice in it."""
    with st.container(key="unseen_navigation"):
        st.html(_SCRIPT, unsafe_allow_javascript=True)
