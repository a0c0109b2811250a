"""The laboratory of whoever looks at the page: found by its key in the address, and told whether it is of today."""

from typing import cast

import streamlit as st

from pages.ui import resources
from pages.ui.tune.kept import Bench
from services.tuning import way
from services.workbench import Workbench

_KEPT = "tune_bench"
# In the address: whoever has the key goes on with the trials.
_ADDRESS = "trials"


def current() -> Bench:
    """The laboratory of this visitor: that of the address, else the one that was open, else a new one.

    A new one is kept for nobody else until something is tried in it.
    """
    kept = cast("Bench | None", st.session_state.get(_KEPT))
    key = st.query_params.get(_ADDRESS, "")
    if key and (kept is None or kept.key != key):
        kept = resources.benches().of(key) or kept
    kept = kept or Bench()
    if _used(kept):
        # Whoever looks at it has it kept.
        resources.benches().keep(kept)
    st.session_state[_KEPT] = kept
    return kept


def gone(bench: Bench) -> bool:
    """Whether the address leads to trials that are not kept any more."""
    return st.query_params.get(_ADDRESS, bench.key) != bench.key


def address(bench: Bench) -> None:
    """Have the address lead back to it, once there is something in it."""
    if _used(bench) and st.query_params.get(_ADDRESS) != bench.key:
        st.query_params[_ADDRESS] = bench.key


def _used(bench: Bench) -> bool:
    return bench.trials.present is not None or bench.curve is not None or bench.job is not None


def now(workbench: Workbench) -> tuple[object, ...]:
    """What trials would be tried on now: the same things while nothing has changed. Cheap."""
    return workbench.catalogue, workbench.all_questionnaires, workbench.judgements.all()[0]


def compared_with(workbench: Workbench) -> tuple[object, ...]:
    """The same, and how the workspace is asked, which everything is compared with."""
    return *now(workbench), way(workbench.settings, workbench.embedder().identity.digest)


def same(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    """Whether nothing has changed in between."""
    return len(before) == len(after) and all(
        one is other or (isinstance(one, dict | str) and one == other) for one, other in zip(before, after, strict=True)
    )
