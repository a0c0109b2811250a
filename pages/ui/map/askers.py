"""Who asks on either side of a comparison: the true distances beside the impression."""

import streamlit as st

from pages.ui import words
from pages.ui.map import sides
from services.domain.moved import Asked, Compared, Seen
from services.workbench import Workbench


def show(workbench: Workbench, found: Compared) -> None:
    """The true distances beside the impression."""
    there = [(seen, seen.asked) for seen in (found.before, found.after) if seen.asked is not None]
    if not there:
        return
    st.subheader("Who asks", anchor=False)
    for seen, asked in there:
        told = _distances(asked, *_names(workbench, seen))
        if asked.same_model:
            st.markdown(told)
        else:
            st.error(told, icon=":material/warning:")
    st.caption(
        "Cosine distances of the full space; of nearest ones the medians, and 1 is as far as things lie apart that "
        "have nothing in common. Questionnaires are asked in one sentence and so lie together with any model; how far "
        "from the scripts is what tells. On a picture they stand at most five times as far from the "
        "middle of the scripts as the usual script does."
    )


def _names(workbench: Workbench, seen: Seen) -> tuple[str, str]:
    """Who asks, and who reads the scripts."""
    side = seen.side
    reads = seen.map.model_name if side.commit else sides.called(side.embedder or workbench.settings.embedder.name)
    return words.plain(sides.called(side.asked_by)), words.plain(reads)


def _distances(asked: Asked, who: str, reads: str) -> str:
    told = f"A questionnaire is {asked.usual:.3f} from its nearest script"
    if asked.usual_of_scripts is not None:
        told += f", where a script is {asked.usual_of_scripts:.3f} from its nearest other one"
    told += f"; the middle of all questionnaires is {asked.middles:.3f} from that of all scripts."
    if asked.same_model:
        return f"**Asked by {who}, which reads the scripts too.** {told}"
    chance = "Which script is nearest is chance, and so is everything that is retrieved."
    return f"**Asked by {who}, the scripts read by {reads}: a clump apart.** {told} {chance}"
