"""A trial beside the workspace: other models and passages, without a trace but vectors that were paid for."""

from dataclasses import replace

import numpy as np
import pytest

from services.domain.methods import Method, Mode, Passages
from services.domain.questionnaires import Expected, make_questionnaire
from services.domain.runs import Outcome
from services.retrieve import Options
from tests.doubles import TinyEmbedder, TinyWorkbench, make_workspace, record, script

START = Method("Beginnings", passages=Passages.START)


@pytest.fixture
def workbench(tmp_path):
    scripts = [script(f"{name}-{s}", s) for s in ("induction", "awakening") for name in ("harbour", "meadow", "attic")]
    with TinyWorkbench(make_workspace(tmp_path / "corpus", scripts)) as opened:
        for name, query in (("night", "a calm night"), ("bees", "bees in the meadow")):
            wanted = (Expected("harbour-induction", 3), Expected("meadow-awakening", 1))
            opened.questionnaires.put(make_questionnaire(id=name, query=query, expected=wanted))
        opened.refresh()
        yield opened


def there(root):
    """Every file but the cache of embeddings, as it is."""
    return {
        path.relative_to(root): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "embeddings" not in path.parts and ".git" not in path.parts
    }


def of(model, text):
    return [asked for asked in model.asked if asked == text]


# What the model's letters and the words of these come to, each in its own way: varied, the attic comes before the
# harbours; within 0.05 there is no attic.
TEXTS = {
    "attic": "Dust in the attic all night.",
    "harbour": "The harbour at night. Waves, waves, a calm night.",
    "harbour-again": "The harbour at night. Waves, waves, a calm night, again.",
    "meadow": "Bees in the meadow, a calm night among bees.",
}
MEADOW, HARBOUR, AGAIN, ATTIC = "meadow", "harbour", "harbour-again", "attic"
WAYS = {
    "dense": ({}, [MEADOW, HARBOUR, AGAIN, ATTIC]),
    "cut off": ({"cut": 0.05}, [MEADOW, HARBOUR, AGAIN]),
    "by words": ({"mode": Mode.LEXICAL}, [MEADOW, HARBOUR, AGAIN, ATTIC]),
    "by words, varied": ({"mode": Mode.LEXICAL, "variety": 0.9}, [MEADOW, ATTIC, AGAIN, HARBOUR]),
    "by words, cut off": ({"mode": Mode.LEXICAL, "cut": 0.05}, [MEADOW, HARBOUR, AGAIN]),
    "by both": ({"mode": Mode.HYBRID}, [MEADOW, HARBOUR, AGAIN, ATTIC]),
    "by both, varied, cut off": ({"mode": Mode.HYBRID, "variety": 0.6, "cut": 0.05}, [MEADOW, HARBOUR, AGAIN]),
}


@pytest.mark.parametrize(("way", "expected"), WAYS.values(), ids=WAYS)
def test_an_evaluation_ranks_as_the_workspace_answers(tmp_path, way, expected):
    scripts = [script(name, text=text) for name, text in TEXTS.items()]
    asked = make_questionnaire(id="q", query="bees in the meadow at night", expected=(Expected("attic", 2),))
    with TinyWorkbench(make_workspace(tmp_path / "corpus", scripts)) as workbench:
        workbench.questionnaires.put(asked)
        digest = workbench.embedder().identity.digest
        chosen = {key: value for key, value in way.items() if key != "cut"}
        workbench.use(Method("tried", **chosen, cut_offs={digest: way["cut"]} if "cut" in way else {}))
        (answer,) = workbench.try_out().answers
        live = workbench.retrieve(asked, Options(top_k=50)).sections["induction"]
    assert [hit.script.id for hit in live.hits] == expected
    assert list(answer.sections["induction"].scripts) == expected


def test_a_run_is_kept_as_it_was_made(workbench):
    run = workbench.evaluate(name="first")
    assert workbench.runs.get(run.id).figures.overall == run.figures.overall
    assert (run.name, run.without_scripts) == ("first", ("affirmations",))


def test_beginnings_are_embedded_once_and_touch_nothing(workbench):
    before, model = there(workbench.paths.root), workbench.embedder()
    trial = replace(workbench.settings, method=START)
    run = workbench.try_out(trial=trial)
    beginning = f"{script('harbour-induction').title} {script('harbour-induction').text}"

    assert run.outcomes[Outcome.ANSWERED] == 2
    assert len(of(model, beginning)) == 1
    assert there(workbench.paths.root) == before

    # By hand: one vector a script, of title and text.
    texts = {
        s: f"{workbench.catalogue.records[s].script.title} {workbench.catalogue.records[s].script.text}"
        for s in run.answers[0].sections["induction"].scripts
    }
    (answer,) = (a for a in run.answers if a.questionnaire == "bees")
    question = np.array(model.embed_query("bees in the meadow"), float)
    vectors = {s: np.array(model.embed_query(text), float) for s, text in texts.items()}
    near = {s: 1 - v @ question / np.linalg.norm(v) / np.linalg.norm(question) for s, v in vectors.items()}
    assert list(answer.sections["induction"].scripts) == sorted(near, key=near.__getitem__)
    assert answer.sections["induction"].distances == pytest.approx(sorted(near.values()), abs=1e-6)

    model.asked.clear()
    workbench.try_out(trial=trial)
    assert of(model, beginning) == []


def test_beginnings_are_asked_also_where_the_collection_cannot_be(workbench):
    settings = workbench.settings
    other = replace(settings, embedder=replace(settings.embedder, name="other"))
    workbench.settings = other

    assert set(workbench.try_out().refused) == {"induction", "awakening"}
    assert workbench.try_out(trial=replace(other, method=START)).outcomes[Outcome.ANSWERED] == 2


def test_another_model_is_tried_without_touching_the_active_one(workbench):
    before, stamp = there(workbench.paths.root), workbench._stamp()
    other = TinyEmbedder("wide", dimensions=16)
    workbench.made["wide"] = other
    run = workbench.try_out(embedder="wide")

    assert (run.setup.embedder, run.setup.model_digest) == ("wide", other.identity.digest)
    assert run.outcomes[Outcome.ANSWERED] == 2
    assert not run.refused
    assert workbench._stamp() == stamp
    assert there(workbench.paths.root) == before
    asked = len(other.asked)
    workbench.try_out(embedder="wide")
    # The canaries, by which the space is recognised, twice each, and the two questions.
    assert len(other.asked) - asked < asked
    assert not [text for text in other.asked[asked:] if "Breathe out" in text]


def test_questions_are_embedded_afresh_in_every_run(workbench):
    model = workbench.embedder()
    first = workbench.try_out()
    # As pages ask, which remember a question for a minute.
    workbench.retrieve(workbench.all_questionnaires["night"])
    model.asked.clear()
    # Behind the same name, a model that now puts the letters elsewhere.
    model._vector = lambda text: [float(x) for x in range(8)] if "night" in text else TinyEmbedder._vector(model, text)
    second = workbench.try_out()

    assert sorted(model.asked) == ["a calm night", "bees in the meadow"]
    distances = [{a.questionnaire: a.sections["induction"].distances for a in run.answers} for run in (first, second)]
    assert distances[0]["night"] != distances[1]["night"]
    assert distances[0]["bees"] == distances[1]["bees"]


def test_words_are_tried_where_no_model_answers(workbench):
    workbench.embedder().left = 0
    run = workbench.try_out(trial=replace(workbench.settings, method=Method(mode=Mode.LEXICAL)))

    assert run.outcomes[Outcome.ANSWERED] == 2
    assert run.answers[0].sections["induction"].scripts[0] == "meadow-induction"


def test_a_model_whose_vectors_some_records_carry_embeds_them_all(workbench):
    other = workbench.made["wide"] = TinyEmbedder("wide", dimensions=16)
    with workbench.records.writing("one by another model"):
        workbench.records.put([record(workbench.catalogue.records["harbour-induction"].script, other)])
    run = workbench.try_out(embedder="wide")

    assert {a.sections["induction"].ranked for a in run.answers} == {3}
    assert None not in run.answers[0].sections["induction"].distances
