"""How this visitor's evaluation ended, said in the page: asked, stopped too late, or not one that could be asked."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import frame, words
from pages.ui.evaluate import address, keeping, running
from services.domain.runs import Answer, Outcome, Run
from services.workbench import Workbench

_HEALTH = frame.PAGES / "health.py"
_FEW = 20


def show(workbench: Workbench, titles: Mapping[str, str]) -> None:
    """What there is to say, until it is put away."""
    found = running.ended()
    if found is None:
        return
    if not found.asked:
        _none(found.run, titles)
    elif found.too_late and any(found.run.id == one.id for one in workbench.runs.summaries()[0]):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info("**You said stop when all had been asked already.** The run is whole, and it was kept.")
            arguments = (workbench, found.run, workbench.runs.baseline == found.run.id)
            st.button("Delete it", key="evaluate_too_late", on_click=_delete, args=arguments)
            st.button("Keep it", key="evaluate_put_away", type="tertiary", on_click=running.put_away)
    elif address.read(address.RUN) != found.run.id:
        # Who looks at another run has read it.
        running.put_away()
    else:
        asked = sum(answer.outcome is not Outcome.NOT_RUN for answer in found.run.answers)
        told = f"Asked {words.count(asked, 'questionnaire')} in {found.run.seconds:.1f} s."
        st.caption(f":material/check: {told}")


def _none(run: Run, titles: Mapping[str, str]) -> None:
    """Not one could be asked: why, once, and where it is mended."""
    answers = [answer for answer in run.answers if answer.outcome is Outcome.FAILED]
    causes = list(dict.fromkeys(f"{answer.cause} {answer.next_step}".strip() for answer in answers))
    which = "The questionnaire" if len(run.answers) == 1 else f"None of the {len(run.answers):,} questionnaires"
    could = "could not be asked" if len(run.answers) == 1 else "could be asked"
    with st.container(horizontal=True, vertical_alignment="center"):
        told = f"**{which} {could}, so there is no new run.**"
        alike = len(causes) == 1 and not run.refused
        st.error(f"{told} {words.plain(causes[0])}" if alike else told, icon=":material/block:")
        if run.refused:
            st.page_link(_HEALTH, label="Mend it on Health", icon=":material/arrow_forward:")
        st.button("Dismiss", key="evaluate_put_away", type="tertiary", on_click=running.put_away)
    if run.refused:
        with st.expander("Why"):
            st.markdown("  \n".join(words.plain(why) for why in dict.fromkeys(run.refused.values())))
    elif len(causes) > 1:
        _causes(answers, titles)


def _causes(answers: Sequence[Answer], titles: Mapping[str, str]) -> None:
    with st.expander(f"Why · {len(answers):,}"):
        for answer in answers[:_FEW]:
            name = words.plain(titles.get(answer.questionnaire, answer.questionnaire))
            st.caption(f"**{name}**: {words.plain(f'{answer.cause} {answer.next_step}')}")
        if len(answers) > _FEW:
            st.caption(f"and {len(answers) - _FEW:,} more")


def _delete(workbench: Workbench, run: Run, baseline: bool) -> None:  # noqa: FBT001  Streamlit calls it by position
    running.put_away()
    keeping.delete(workbench, run, baseline)
