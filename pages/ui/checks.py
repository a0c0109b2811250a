"""The health of a workspace, drawn: a sentence, a matrix, and what was found."""

import pandas as pd
import streamlit as st

from pages.ui import words
from services.model_digest import State
from services.reports import CollectionHealth, Health
from services.workbench import Workbench


def verdict(health: Health) -> None:
    """One sentence first."""
    st.header(_sentence(health), anchor=False)
    st.caption(
        "Trust here means: the scripts were embedded by the model that asks, prepared as they would be today, "
        "and the index holds exactly what the records say."
    )


def _sentence(health: Health) -> str:
    filled = [c for c in health.collections if c.passages]
    everything = "The collection" if len(filled) == 1 else f"All {words.number(len(filled))} collections"
    mismatched = [c for c in filled if c.state is State.MISMATCH]
    if mismatched:
        named = words.listed([words.section(c.section) for c in mismatched])
        who = everything if len(mismatched) == len(filled) else named
        verb = "was" if len(mismatched) == 1 else "were"
        return f"{who} {verb} embedded by another model: what would be returned is random"
    doubtful = [words.section(c.section) for c in filled if not (c.state is State.MATCH and c.in_sync)]
    if doubtful:
        return f"{words.listed(doubtful)} {'needs' if len(doubtful) == 1 else 'need'} attention"
    if health.problems:
        return "Something needs attention"
    left_out = len(health.broken) + len(health.left_out)
    if left_out:
        noun = "file" if health.broken else "script"
        aside = f"{words.count(left_out, noun)} {'is' if left_out == 1 else 'are'} left out"
        return f"{everything} can be trusted, but {aside}" if filled else f"Nothing can be retrieved: {aside}"
    return f"{everything} can be trusted" if filled else "There is nothing to retrieve from yet"


def matrix(health: Health) -> None:
    """One row a collection."""
    rows = pd.DataFrame([_row(c) for c in health.collections])
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "Records": st.column_config.NumberColumn(help="Scripts kept in this section"),
            "Passages": st.column_config.NumberColumn(help="Pieces of scripts that the index holds, one vector each"),
            "State": st.column_config.TextColumn(
                help="; ".join(f"{words.state(s)}: {meaning}" for s, meaning in words.MEANINGS.items())
            ),
            "Model digest": st.column_config.TextColumn(help="Which vector space the stored vectors live in"),
            "Recipe digest": st.column_config.TextColumn(help="The model digest and how the text was prepared"),
            "Index": st.column_config.TextColumn(
                help="Whether the index holds exactly the records, by digest, and finds them by their own vectors"
            ),
        },
        alt="One row a collection",
    )


def findings(health: Health) -> None:
    """Each finding: what was seen, what it means, what mends it."""
    for collection in health.collections:
        _collection(collection)
    for problem in health.problems:
        st.warning(words.plain(problem))
    for broken in health.broken:
        st.warning(f"**{words.plain(broken.cause)}** It is left out; the rest works. {words.plain(broken.next_step)}")
    if health.left_out:
        with st.expander(f"{words.count(len(health.left_out), 'script')} not in the index", expanded=True):
            for script, reason in list(health.left_out.items())[:50]:
                st.markdown(f"- {words.plain(script)}: {words.plain(reason)}")
    for note in health.notes:
        st.info(words.plain(note))


def details(health: Health, workbench: Workbench) -> None:
    """For the engineer: digests in full."""
    with st.expander("Details for engineers"):
        st.caption(
            f"Index: {health.index}, generation {health.generation or 'in memory'}. "
            f"Asking with {workbench.embedder().name}."
        )
        asked = health.collections[0].query
        st.caption("Model that asks, its model digest and its recipe digest")
        st.code(f"{asked.model_name}\n{asked.model_digest}\n{asked.recipe_digest}", language=None)
        for collection in health.collections:
            if collection.recorded is not None:
                st.caption(f"{words.section(collection.section)}: recorded model, model digest and recipe digest")
                recorded = collection.recorded
                st.code(f"{recorded.model_name}\n{recorded.model_digest}\n{recorded.recipe_digest}", language=None)


def _row(collection: CollectionHealth) -> dict[str, object]:
    recorded = collection.recorded
    empty = not collection.passages
    return {
        "Collection": words.section(collection.section),
        "State": "empty" if empty else words.state(collection.state),
        "Index": "● in sync" if collection.in_sync else "◆ behind",
        "Records": collection.records,
        "Passages": collection.passages,
        "Model": recorded.model_name if recorded else "none",
        "Model digest": words.short(recorded.model_digest) if recorded else "",
        "Recipe digest": words.short(recorded.recipe_digest) if recorded else "",
    }


def _collection(collection: CollectionHealth) -> None:
    name = words.section(collection.section)
    if collection.state is State.MISMATCH and collection.recorded is not None:
        st.error(
            f"**■ {name}** was embedded by {words.plain(collection.recorded.model_name)} "
            f"({words.short(collection.recorded.model_digest)}), questions are embedded by "
            f"{words.plain(collection.query.model_name)} ({words.short(collection.query.model_digest)}). "
            "Retrieval refuses it until the scripts are embedded anew."
        )
    elif collection.state is State.STALE:
        st.warning(
            f"**◆ {name}** was embedded by the same model, but its text was prepared in another way. Embed it anew."
        )
    if not collection.in_sync and collection.records:
        st.warning(f"**{name}**: the index does not hold exactly what the records say. Rebuild it.")
    for finding in collection.findings[:5]:
        st.warning(f"**{name}**: {words.plain(finding)}")
