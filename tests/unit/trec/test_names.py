"""Names both ways: of documents and of topics, of their sources where those are one word and their own."""

from services.domain.questionnaires import make_questionnaire
from services.domain.topics import Documents, Homes, Topic, Topics, unique_names
from services.exporting.trec import trec_qrels, trec_run
from services.workbench import Workbench
from tests.unit.command_line import run
from tests.unit.trec.corpus import SECTIONS, script


def test_a_name_is_that_of_the_source_where_it_is_one_word_and_only_its_own():
    given = {"med-10": "MED-10", "a": "1", "b": "1", "c": "two words", "d": "", "e": "d", "f": "f", "g": "gone"}
    assert unique_names(given, taken={"gone"}) == {"med-10": "MED-10", **{name: name for name in "abcdefg"}}


def test_documents_are_named_within_their_section():
    documents = Documents(
        [script("12"), script("12-9f", "awakening", "12"), script("med-10", source_id="MED-10"), script("x")]
    )
    assert [documents.name(i) for i in ("12", "12-9f", "med-10", "deleted")] == ["12", "12", "MED-10", "deleted"]
    assert documents.find("12") == ["12", "12-9f"]
    assert documents.find("12", "awakening") == ["12-9f"]
    assert documents.find("med-10", "induction") == documents.find("MED-10") == ["med-10"]
    assert documents.find("x", "awakening") == documents.find("nothing") == []


def test_topics_come_back_as_who_they_are_of():
    asked = [
        make_questionnaire(id="plain-2", title="t", query="q", source_id="PLAIN-2"),
        make_questionnaire(id="odd", title="t", query="q", source_id="plain-2.induction"),
        make_questionnaire(id="dotted", title="t", query="q", source_id="v1.2"),
    ]
    topics = Topics(asked, SECTIONS)
    assert [topics.name(q.id) for q in asked] == ["PLAIN-2", "odd", "v1.2"]
    assert topics.name("plain-2", "awakening") == "PLAIN-2.awakening"
    assert topics.find("PLAIN-2.awakening") == Topic("plain-2", "awakening")
    # The id with a section comes before a name that only looks like it.
    assert topics.find("plain-2.induction") == Topic("plain-2", "induction")
    assert topics.find("v1.2") == topics.find("dotted") == Topic("dotted")
    assert topics.find("v1.2.nowhere") is None


def test_a_workspace_judged_in_one_section_has_plain_topics():
    asked = [make_questionnaire(id=name, title="t", query="q") for name in ("a", "b", "c")]
    one = {"a": {"induction": {"x": 1}, "awakening": {"y": 0}}, "b": {"induction": {"x": 1}}}
    homes = Homes(asked, one, SECTIONS)
    assert [homes.of(q) for q in "abc"] == ["induction"] * 3
    several = Homes(asked, {**one, "c": {"awakening": {"y": 1}}}, SECTIONS)
    assert [several.of(q) for q in "abc"] == ["", "", ""]
    assert [Homes(asked, {}, filled).of("a") for filled in (SECTIONS, ["awakening"], [])] == ["", "awakening", ""]


def test_topics_do_not_change_with_judgements_where_several_sections_are_judged(bring, workspace):
    """A run of before and judgements of after name the same; what came from a collection keeps its name."""
    bring("two.awakening 0 ash 1\n", "--format", "trec-qrels")
    with Workbench(workspace) as bench:
        run = bench.try_out()
        bring("two.induction 0 elm 2\n", "--format", "trec-qrels")
        catalogue, asked, before, now = bench.catalogue, bench.all_questionnaires, run.grades, bench.grades()

    assert (list(before["two"]), sorted(now["two"])) == (["awakening"], ["awakening", "induction"])
    old, new = (trec_run(run, catalogue, asked, grades) for grades in (before, now))
    topics = {line.split()[0] for line in new.decode().splitlines()}
    assert old == new
    assert topics == {"PLAIN-2", "two.awakening", "two.induction"}
    assert {line.split()[0] for line in trec_qrels(now, catalogue, asked, now).decode().splitlines()} == topics


def test_a_section_in_which_nothing_fits_is_no_topic_of_its_own(bring, workspace, tmp_path, capsys):
    bring("two.awakening 0 ash 0\ntwo.induction 0 elm 2\n", "--format", "trec-qrels")
    out = tmp_path / "qrels.txt"

    code, done = run(capsys, "--workspace", workspace, "export", "--format", "trec-qrels", "--out", out)

    assert (code, done["judgements"], done["questionnaires"], done["scripts"]) == (0, 3, 2, 3)
    assert out.read_text() == "PLAIN-2 0 MED-10 3\nPLAIN-2 0 oak 1\ntwo 0 elm 2\n"
    assert done["notes"][0].startswith("1 judgement left out: in their sections nothing fits the questionnaire")
