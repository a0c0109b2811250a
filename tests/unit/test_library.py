"""Saving, deleting and bringing back: nothing typed is lost, nobody is overwritten."""

from dataclasses import replace
from pathlib import Path

import pytest

from services import library
from services.domain.questionnaires import make_questionnaire
from services.errors import IdTaken, InvalidQuestionnaire, NotFound, RecordMoved
from services.records.questionnaire_files import YamlQuestionnaireStore
from services.records.yaml_files import YamlRecordStore
from tests import doubles
from tests.doubles import TinyEmbedder, record, script, stamp, store_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return doubles.make_workspace(tmp_path / "workspace", [script("one"), script("two")])


@pytest.fixture
def store(root: Path) -> YamlRecordStore:
    return store_of(root)


@pytest.fixture
def embedder() -> TinyEmbedder:
    return TinyEmbedder()


def digest(store: YamlRecordStore, script_id: str) -> str:
    return store.catalogue().records[script_id].digest


def test_a_new_script_is_stored_with_vectors(store: YamlRecordStore, embedder: TinyEmbedder) -> None:
    saved = library.save(script("three"), base=None, store=store, embedder=embedder)
    assert (saved.created, saved.warning) == (True, "")
    assert saved.record.vectors.stamp == stamp()
    assert store.catalogue().records["three"].digest == saved.record.digest


def test_an_edit_starts_from_the_version_it_names(store: YamlRecordStore, embedder: TinyEmbedder) -> None:
    base = digest(store, "one")
    first = library.save(script("one", text="First edit."), base=base, store=store, embedder=embedder)
    assert not first.created
    with pytest.raises(RecordMoved) as caught:
        library.save(script("one", text="Second edit."), base=base, store=store, embedder=embedder)
    assert caught.value.cause == "'One' was changed by somebody else while you were editing."
    assert "still here" in caught.value.next_step
    assert store.catalogue().records["one"].script.text == "First edit."


def test_an_edit_of_what_was_deleted_says_so(store: YamlRecordStore, embedder: TinyEmbedder) -> None:
    base = digest(store, "one")
    library.delete("one", store=store)
    with pytest.raises(NotFound) as caught:
        library.save(script("one"), base=base, store=store, embedder=embedder)
    assert "save it as a new script" in caught.value.next_step


def test_somebody_who_saves_while_the_model_works_is_not_overwritten(store: YamlRecordStore) -> None:
    class Slow(TinyEmbedder):
        def embed_documents(self, texts, progress=None):
            if not self.asked:
                self.asked.append("once")
                base = digest(store, "one")
                library.save(script("one", text="Quicker."), base=base, store=store, embedder=TinyEmbedder())
            return super().embed_documents(texts, progress)

    with pytest.raises(RecordMoved):
        library.save(script("one", text="Slower."), base=digest(store, "one"), store=store, embedder=Slow())
    assert store.catalogue().records["one"].script.text == "Quicker."


def test_a_new_script_never_takes_an_id(root: Path, store: YamlRecordStore, embedder: TinyEmbedder) -> None:
    (root / "records" / "awakening" / "damaged.yaml").write_text("id: [")
    for taken in ("one", "damaged"):
        with pytest.raises(IdTaken) as caught:
            library.save(script(taken, "awakening"), base=None, store=store, embedder=embedder)
        assert caught.value.next_step == "Choose another title or id."
        assert library.free_id(taken, store.catalogue()) == f"{taken}-2"


def test_a_script_is_not_moved_onto_another_file(root: Path, store: YamlRecordStore, embedder: TinyEmbedder) -> None:
    other = root / "records" / "awakening" / "one.yaml"
    other.write_text("somebody's notes")
    with pytest.raises(IdTaken) as caught:
        library.save(script("one", "awakening"), base=digest(store, "one"), store=store, embedder=embedder)
    assert "health page" in caught.value.next_step
    assert other.read_text() == "somebody's notes"
    assert store.catalogue().records["one"].script.section == "induction"


def test_a_model_that_cannot_be_reached_does_not_stop_a_save(store: YamlRecordStore, embedder: TinyEmbedder) -> None:
    down = TinyEmbedder(left=0)
    saved = library.save(script("three"), base=None, store=store, embedder=down)
    assert saved.warning == (
        "It is saved, but cannot be retrieved yet: The model 'tiny' cannot be reached. Try again later."
    )
    assert store.catalogue().records["three"].vectors is None


def test_an_edit_that_changes_no_embedded_word_calls_no_model(store: YamlRecordStore) -> None:
    present = store.catalogue().records["one"]
    down = TinyEmbedder(left=0)
    status = replace(present.script, status="draft", author="Somebody")
    saved = library.save(doubles.make_script(**vars_of(status)), base=present.digest, store=store, embedder=down)
    assert saved.warning == ""
    assert saved.record.vectors.values.tobytes() == present.vectors.values.tobytes()


@pytest.mark.parametrize("changed", [{"text": "New words."}, {"title": "New"}, {"situation": "At night"}])
def test_an_edit_of_embedded_words_makes_new_vectors(store: YamlRecordStore, changed: dict[str, str]) -> None:
    present = store.catalogue().records["one"]
    embedder = TinyEmbedder()
    edited = doubles.make_script(**{**vars_of(present.script), **changed})
    saved = library.save(edited, base=present.digest, store=store, embedder=embedder)
    assert embedder.asked
    fresh = record(edited)
    assert saved.record.vectors.values.tobytes() == fresh.vectors.values.tobytes()
    assert saved.record.vectors.passages == fresh.vectors.passages


def vars_of(made: object) -> dict[str, object]:
    return {name: getattr(made, name) for name in made.__dataclass_fields__}


def test_delete_and_restore(store: YamlRecordStore) -> None:
    before = store.catalogue().records["one"]
    library.delete("one", store=store)
    assert "one" not in store.catalogue().records
    assert library.restore("one", store=store).record.digest == before.digest
    with pytest.raises(NotFound):
        library.delete("three", store=store)


@pytest.mark.parametrize(
    ("title", "made"), [("Three!", "three"), ("One", "one-2"), ("深", "script"), ("x" * 90, "x" * 74)]
)
def test_a_free_id(store: YamlRecordStore, title: str, made: str) -> None:
    assert library.free_id(title, store.catalogue()) == made


def test_questionnaires_are_kept_under_free_ids(root: Path, store: YamlRecordStore) -> None:
    questionnaires = YamlQuestionnaireStore(root / "questionnaires")
    (root / "questionnaires" / "my-night-2.yaml").write_text("id: [")

    def save(**fields: str):
        return library.save_questionnaire(make_questionnaire(**fields), store=store, questionnaires=questionnaires)

    assert save(title="My night", focus_area="sleep").id == "my-night"
    assert save(title="My night", focus_area="other").id == "my-night-3"
    assert save(id="my-night", title="Renamed", focus_area="sleep").id == "my-night"
    assert questionnaires.all()[0]["my-night"].title == "Renamed"
    with pytest.raises(InvalidQuestionnaire, match="no title"):
        save(focus_area="sleep")
    with pytest.raises(InvalidQuestionnaire, match="asks nothing"):
        save(title="Empty")
    library.delete_questionnaire("my-night", store=store, questionnaires=questionnaires)
    assert set(questionnaires.all()[0]) == {"my-night-3"}
    with pytest.raises(NotFound):
        library.delete_questionnaire("my-night", store=store, questionnaires=questionnaires)
