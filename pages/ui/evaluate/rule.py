"""What the workspace's rule says to a run: as the command line does, whatever looking for it takes."""

import streamlit as st

from pages.ui import finding_out, words
from services.domain.runs import Run
from services.gate import MEASURE, Gated
from services.workbench import Workbench

KIND = "gate"


def show(workbench: Workbench, run: Run) -> None:
    """Draw it, or how far looking for it is."""
    gated = _gated(workbench, run)
    if gated is None:
        return
    if gated.passed:
        kept = " and no fall below the baseline" if gated.baseline is not None else ""
        st.caption(
            f":material/check_circle: As good as this workspace asks for: {MEASURE} of at least "
            f"{gated.least:.2f}{kept}."
        )
    elif gated.value is not None:
        st.warning("**Not as good as this workspace asks for.** " + words.plain(" ".join(gated.reasons)))


def _gated(workbench: Workbench, run: Run) -> Gated | None:
    """None until all is known that it looks at: what the history tells takes a while, once for two runs."""
    return finding_out.known(
        KIND,
        lambda: workbench.gate_known(run),
        "Holding the run against its baseline",
        lambda report: workbench.gate(run, earlier=True, report=report),
    )
