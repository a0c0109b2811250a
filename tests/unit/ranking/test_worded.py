"""Everything that asks compares the words of the answers, and not those of the template's sentence."""

from dataclasses import replace
from pathlib import Path

from services.domain.methods import Method, Mode
from services.domain.questionnaires import make_questionnaire
from services.retrieve import Options
from tests.doubles import TinyEmbedder, TinyWorkbench, make_workspace, script


def test_a_script_that_shares_only_the_templates_words_is_not_found_by_words(tmp_path: Path) -> None:
    made = [script("of-it", text="This script helps in that context."), script("asked", text="The harbour.")]
    embedder = TinyEmbedder()
    with TinyWorkbench(make_workspace(tmp_path / "w", made), {"tiny": embedder}) as bench:
        bench.settings = replace(bench.settings, method=Method(mode=Mode.LEXICAL))
        saved = bench.save_questionnaire(make_questionnaire(title="Q", focus_area="harbour"))
        bench.refresh()
        embedder.left = 0
        pool = [candidate.script for candidate in bench.judging_pool(saved.id, "induction", "Ada").candidates]
        embedder.left = 10**6

        live = bench.retrieve(saved, Options()).sections["induction"]
        (answer,) = bench.evaluate().answers
        effects = {name: bench.effects(bench.catalogue.records[name].script).effects for name in ("asked", "of-it")}
        unused = bench.attention().unused

    assert live.scored == ("asked",)
    assert answer.sections["induction"].scripts == ("asked",)
    assert "script that helps" in answer.query, "what is embedded is whole"
    assert [(e.before, e.after) for e in effects["asked"]] == [(1, 1)]
    assert not effects["of-it"]
    assert pool == ["asked"], "the model is away, and candidates come from the words"
    assert unused == ("of-it",)
