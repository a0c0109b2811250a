"""The little that the theme cannot say: the voice of the scripts, and bars."""

import streamlit as st

from pages.ui import palette

# Only our own keyed containers and class names, so that a new Streamlit release has nothing to break.
_CSS = """
<style>
[class*="st-key-reading"] [data-testid="stText"], [class*="st-key-reading"] [data-testid="stText"] * {
  font-family: "Source Serif", "Source Serif 4", Georgia, serif; font-size: 1rem; line-height: 1.6;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.st-key-reading_field textarea { font-family: "Source Serif", "Source Serif 4", Georgia, serif; line-height: 1.6; }
[class*="st-key-reading"]:not(.st-key-reading_field) { max-width: 68ch; }
[class*="st-key-reading_matched"] { border-left: 3px solid var(--accent); padding-left: 0.9rem; }
[class*="st-key-reading_quote"] [data-testid="stText"], [class*="st-key-reading_quote"] [data-testid="stText"] * {
  font-size: 0.95rem; line-height: 1.5; opacity: 0.92; }
[class*="st-key-hit_"] [class*="st-key-reading_quote"] { padding: 0.35rem 0 0.15rem; }
[class*="st-key-hit_"] { padding-bottom: 0.9rem; }
[class*="st-key-hit_"] [data-testid="stBaseButton-tertiary"] { padding: 0.1rem 0; min-height: 0; text-align: left;
  font-family: "Source Serif", "Source Serif 4", Georgia, serif; }
[class*="st-key-reading_title"] h3 { font-family: "Source Serif", "Source Serif 4", Georgia, serif; }
/* The table's own tools: its search knows no texts, its CSV escapes no formulas, and they cover the buttons above. */
.st-key-shelf_list [data-testid="stElementToolbar"], .st-key-map_panel [data-testid="stElementToolbar"],
.st-key-map_listed [data-testid="stElementToolbar"] { display: none; }
/* What only runs takes no room, nor the gap before it. */
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-unseen"]), [class*="st-key-unseen"],
[data-testid="stLayoutWrapper"]:has(> * > [data-testid="stLayoutWrapper"]:only-child > [class*="st-key-unseen"]) {
  display: none; }
.st-key-to_the_list, .st-key-narrow_only, .st-key-judge_unfold { display: none; }
@media (max-width: 640px) {
  .st-key-shelf:has(.st-key-shelf_opened) [data-testid="stColumn"]:has(.st-key-shelf_list) { display: none; }
  .st-key-to_the_list { display: block; }
  .st-key-narrow_only { display: flex; }
  .st-key-wide_only { display: none; }
  .st-key-judge_grades > * { flex-basis: 40%; }
  .st-key-judge_unfold { display: flex; }
  .st-key-judge_unfold button { padding: 0; min-height: 0; }
  .st-key-judge_unfold button div { min-width: 0; justify-content: flex-start; }
  .st-key-judge_unfold button > div { width: 100%; }
  .st-key-judge_unfold button p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-judge_question_folded) { display: none; }
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-judge_unfold) { gap: 1rem; }
  [class*="st-key-judge"] kbd { display: none; }
}
@media (min-width: 641px) {
  /* The picture stays in sight while a long panel beside it is read; not where it fills the screen. */
  [data-testid="stLayoutWrapper"]:has(> .st-key-map_picture_frame):not(:has([data-title="Close fullscreen"])) {
    position: sticky; top: 4rem; }
  .st-key-judge_note_field { position: relative; }
  .st-key-judge_note_field:not(:focus-within)::after { content: "E"; position: absolute; right: 0.7rem; top: 0.5rem;
    color: var(--quiet); font-size: 0.85rem; pointer-events: none; }
}
/* As high as the boxes beside it. */
.st-key-judge_section button { min-height: 2.5rem; }
[class*="st-key-apart_"] { border-top: 1px solid var(--track); padding-top: 0.6rem; }
[class*="st-key-binned_"] > :first-child, [class*="st-key-lost_"] > :first-child { min-width: min(16rem, 100%); }
[class*="st-key-came_"] { padding-bottom: 0.9rem; }
[class*="st-key-came_"] [data-testid="stPageLink-NavLink"] { transform: translateX(-0.5rem); padding-block: 0.1rem; }
/* A link's own padding would push its icon out of line with the heading above. */
[class*="st-key-found_"] [data-testid="stElementContainer"]:first-child [data-testid="stPageLink-NavLink"] {
  transform: translateX(-0.5rem); }
/* Grades stay in reach however long the script is; the top of the next one is not hidden by the navigation. */
[data-testid="stLayoutWrapper"]:has(> .st-key-judge_bar) { position: sticky; bottom: 0; z-index: 5;
  background: var(--paper); padding: 0.6rem 0 0.9rem; border-top: 1px solid var(--track);
  box-shadow: -4px 0 var(--paper), 4px 0 var(--paper); }
[data-testid="stLayoutWrapper"]:has(> .st-key-tune_bar) { position: sticky; bottom: 0; z-index: 5;
  background: var(--paper); padding: 0.6rem 0; border-top: 1px solid var(--track); }
.st-key-judge_top { scroll-margin-top: 4.5rem; }
/* The keys that scroll are its own there: no frame around the whole page for that. */
[data-testid="stMain"]:has(.st-key-judge_top):focus { outline: none; }
[data-testid="stMain"]:has(.st-key-judge_top):focus::before { box-shadow: none; }
.score { display: flex; align-items: flex-end; gap: 0.9rem; font-variant-numeric: tabular-nums; line-height: 1.35; }
.score b { font-size: 3.6rem; font-weight: 600; line-height: 1; }
.score span { color: var(--quiet); font-size: 0.9rem; }
.scores { display: flex; flex-wrap: wrap; gap: 0.9rem 1.4rem; font-variant-numeric: tabular-nums; line-height: 1.35; }
.scores div { border-left: 3px solid; padding-left: 0.6rem; display: flex; flex-direction: column; }
.scores b { font-weight: 600; font-size: 1.15rem; }
.scores small, .measures small { color: var(--quiet); font-size: 0.8rem; }
.measures { overflow-x: auto; }
.measures table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
.measures th { font-weight: 600; text-align: right; padding: 0.3rem 0 0.3rem 1.4rem; vertical-align: top; }
.measures th:first-child { text-align: left; padding-left: 0; font-weight: 400; white-space: nowrap; }
.measures td { text-align: right; padding: 0.3rem 0 0.3rem 1.4rem; white-space: nowrap; vertical-align: top; }
.measures td small { display: block; }
@media (max-width: 640px) {
  .measures table { font-size: 0.8rem; }
  .measures small { font-size: 0.72rem; }
  .measures th, .measures td { padding-left: 0.45rem; }
  .measures td, .measures th:first-child { white-space: normal; }
  .st-key-evaluate_choice > :nth-child(-n+2) { flex-basis: 100%; }
}
.measures tbody tr { border-top: 1px solid var(--track); }
.measures abbr { text-decoration: underline dotted var(--quiet); text-underline-offset: 3px; cursor: help; }
[class*="st-key-asked_"] [data-testid="stBaseButton-tertiary"] { padding: 0.1rem 0; min-height: 0; text-align: left;
  font-variant-numeric: tabular-nums; }
.distance { display: flex; align-items: center; gap: 0.6rem; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
.distance b { font-weight: 600; min-width: 3.2ch; }
.distance span { flex: 1; height: 5px; border-radius: 3px; background: var(--track); }
.distance i { display: block; height: 5px; border-radius: 3px; }
.section { display: flex; align-items: baseline; gap: 0.5rem; border-bottom: 2px solid; padding-bottom: 0.25rem; }
.section b { font-weight: 600; font-size: 1.05rem; color: inherit; }
.section small { margin-left: auto; color: var(--quiet); }
</style>
"""


def apply() -> None:
    """Put the style on the page."""
    # Streamlit gives its own colours no names that CSS could use.
    colours = f"--accent: {palette.accent()}; --quiet: {palette.quiet()}; --track: {palette.track()};"
    colours += f" --paper: {palette.paper()};"
    st.html(f"<style>:root {{ {colours} }}</style>{_CSS}")
