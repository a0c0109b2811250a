"""Somebody else's PostgreSQL tables, asked of a real server."""

import itertools
import socket

import numpy as np
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from services.errors import NotFound, StoreUnreadable
from services.stores import postgres, postgres_contents
from services.stores.postgres import PostgresStore
from tests.contracts import postgres_server

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def server():
    with postgres_server.running() as address:
        yield address


@pytest.fixture
def address(server):
    return postgres_server.database(server, f"corpus{next(_NUMBERS)}")


@pytest.fixture
def say(address):
    """Run statements in the database, as its owner does."""

    def say(*statements, parameters=None):
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    return say


@pytest.fixture
def opened(address):
    """Open the database as a stranger's store."""
    stores = []

    def opened(dsn=address, table=""):
        stores.append(PostgresStore(dsn, table))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


def refused(store):
    with pytest.raises((NotFound, StoreUnreadable)) as caught:
        store.collections()
    assert caught.value.next_step
    return caught.value


def only(store):
    (collection,) = store.collections()
    return collection


SCRIPTS = "CREATE TABLE scripts (id text PRIMARY KEY, title text, words text, v vector(3))"
THREE = """INSERT INTO scripts VALUES
  ('one', 'One', 'The first of the long words', '[1,0,0]'),
  ('two', 'Two', 'The second of the long words', '[0,0.1,0]'),
  ('three', 'Three', NULL, NULL)"""


def test_a_table_is_a_collection_with_its_rows(say, opened):
    say(SCRIPTS, THREE, "CREATE INDEX ON scripts USING hnsw (v vector_cosine_ops)")
    store = opened()
    found = only(store)
    assert (found.name, found.count, found.dimensions, found.distance, found.claims) == (
        "public.scripts",
        3,
        3,
        "cosine",
        {},
    )
    rows = store.rows("public.scripts", 10)
    assert rows.ids == ("one", "two", "three")
    assert rows.documents == ("The first of the long words", "The second of the long words", None)
    assert rows.metadatas[1] == {"id": "two", "title": "Two"}
    assert rows.vectors.dtype == np.float32
    # 0.1 has no exact float32: every bit of what the server holds comes over.
    assert rows.vectors[:2].tolist() == [[1.0, 0.0, 0.0], [0.0, float(np.float32(0.1)), 0.0]]
    assert np.isnan(rows.vectors[2]).all()


@pytest.mark.parametrize(("operators", "told"), [("cosine", "cosine"), ("l2", "l2"), ("ip", "ip"), ("l1", "")])
def test_the_distance_is_that_of_the_index(say, opened, operators, told):
    say(SCRIPTS, f"CREATE INDEX ON scripts USING hnsw (v vector_{operators}_ops)")
    assert only(opened()).distance == told


def test_an_index_on_half_precision_counts_and_two_of_different_kinds_say_nothing(say, opened):
    say(SCRIPTS, "CREATE INDEX ON scripts USING hnsw ((v::halfvec(3)) halfvec_l2_ops)")
    assert only(opened()).distance == "l2"
    say("CREATE INDEX ON scripts USING hnsw (v vector_ip_ops)")
    assert only(opened()).distance == ""


def test_every_kind_of_table_is_read(say, opened):
    say(
        SCRIPTS,
        THREE,
        "CREATE VIEW seen AS SELECT words, v FROM scripts",
        "CREATE MATERIALIZED VIEW kept AS SELECT words, v FROM scripts",
        "CREATE TABLE parted (id int, words text, v vector(3)) PARTITION BY RANGE (id)",
        "CREATE TABLE part_one PARTITION OF parted FOR VALUES FROM (0) TO (10)",
        "INSERT INTO parted VALUES (7, 'In one of the parts', '[1,2,3]')",
        "CREATE SCHEMA other",
        'CREATE TABLE other."Half ""precise""" (id serial, words text, v halfvec(3))',
        'INSERT INTO other."Half ""precise""" (words, v) VALUES (\'Half of it\', \'[0.5,2,-4]\')',
    )
    store = opened()
    assert [(c.name, c.count) for c in store.collections()] == [
        ('other.Half "precise"', 1),
        ("public.kept", 3),
        ("public.parted", 1),
        ("public.scripts", 3),
        ("public.seen", 3),
    ]
    assert store.rows('other.Half "precise"', 5).vectors.tolist() == [[0.5, 2.0, -4.0]]
    assert store.rows("public.parted", 5).ids == ("7",)
    assert store.rows("public.seen", 5).ids == ("1", "2", "3")
    assert store.rows("public.kept", 5).ids == ("(0,1)", "(0,2)", "(0,3)")


def test_several_vector_columns_are_several_collections(say, opened):
    say("CREATE TABLE t (words text, a vector(2), b vector(3))", "INSERT INTO t VALUES ('x y', '[1,2]', '[3,4,5]')")
    store = opened()
    assert [(c.name, c.dimensions) for c in store.collections()] == [("public.t.a", 2), ("public.t.b", 3)]
    assert store.rows("public.t.b", 1).vectors.tolist() == [[3.0, 4.0, 5.0]]


def test_dimensions_that_no_column_declares_are_those_of_most_rows(say, opened):
    say(
        "CREATE TABLE t (id int PRIMARY KEY, words text, v vector)",
        "INSERT INTO t VALUES (1, 'a b', '[1,2]'), (2, 'c d', '[1,2,3]'), (3, 'e f', '[4,5]')",
    )
    store = opened()
    assert only(store).dimensions == 2
    vectors = store.rows("public.t", 3).vectors
    assert vectors[[0, 2]].tolist() == [[1.0, 2.0], [4.0, 5.0]]
    assert np.isnan(vectors[1]).all()


def test_the_documents_are_the_longest_text_that_is_no_identifier(say, opened):
    say(
        "CREATE TABLE t (id int PRIMARY KEY, reference text, note varchar(50), content text, model text, v vector(1))",
        f"INSERT INTO t VALUES (1, '{'a1/' * 30}', 'short note', 'The words themselves', '{'m' * 90}', '[1]')",
    )
    assert opened().rows("public.t", 1).documents == ("The words themselves",)


def test_documents_in_a_json_payload(say, opened):
    say(
        "CREATE TABLE t (id int PRIMARY KEY, payload jsonb, v vector(1))",
        """INSERT INTO t VALUES
          (1, '{"text": "The words of the script", "title": "A b", "tags": ["x", "y;z"], "n": 4, "no": null}',
           '[1]')""",
    )
    rows = opened().rows("public.t", 1)
    assert rows.documents == ("The words of the script",)
    assert rows.metadatas[0] == {
        "id": "1",
        "text": "The words of the script",
        "title": "A b",
        "tags": "x; y\\;z",
        "n": "4",
    }


def test_a_table_without_documents_has_rows_without_documents(say, opened):
    say("CREATE TABLE t (id uuid PRIMARY KEY, v vector(1))", "INSERT INTO t VALUES (gen_random_uuid(), '[1]')")
    assert opened().rows("public.t", 1).documents == (None,)


def test_a_table_without_rows(say, opened):
    say(SCRIPTS, "CREATE TABLE bare (words text, v vector)")
    store = opened()
    assert [(c.name, c.count, c.dimensions) for c in store.collections()] == [
        ("public.bare", 0, 0),
        ("public.scripts", 0, 3),
    ]
    for name in ("public.bare", "public.scripts"):
        rows = store.rows(name, 5)
        assert (rows.ids, rows.vectors.shape[0]) == ((), 0)


def test_claims_are_columns_and_comments_that_name_a_model(say, opened):
    say(
        "CREATE TABLE t (id int PRIMARY KEY, words text, embedding_model text, remodelled text, v vector(1))",
        """INSERT INTO t SELECT n, 'some words', CASE WHEN n < 4 THEN 'text-embedding-ada-002' ELSE 'minilm' END,
           'no x', '[1]'
           FROM generate_series(1, 5) n""",
        "COMMENT ON COLUMN t.v IS 'The model is\n sentence-transformers/all-MiniLM-L6-v2.'",
        "COMMENT ON TABLE t IS 'what people wrote about an old model'",
    )
    assert only(opened()).claims == {
        "column embedding_model, value 1": "text-embedding-ada-002",
        "column embedding_model, value 2": "minilm",
        "comment of the column v": "sentence-transformers/all-MiniLM-L6-v2",
    }


@pytest.mark.parametrize(("limit", "taken"), [(1, [10]), (3, [4, 7, 10]), (5, [2, 4, 6, 8, 10]), (99, [*range(1, 11)])])
def test_rows_are_spread_evenly(say, opened, limit, taken):
    say(
        "CREATE TABLE t (id int PRIMARY KEY, words text, v vector(1))",
        "INSERT INTO t SELECT n, 'row number ' || n, '[1]' FROM generate_series(1, 10) n",
    )
    assert opened().rows("public.t", limit).ids == tuple(map(str, taken))


def test_of_a_large_table_a_few_pages_are_read_the_same_each_time(say, opened, monkeypatch):
    monkeypatch.setattr(postgres_contents, "_NUMBERED_ROWS", 1_000)
    say(
        "CREATE TABLE t (id int PRIMARY KEY, words text, v vector(1))",
        "INSERT INTO t SELECT n, 'row number ' || n, '[1]' FROM generate_series(1, 60000) n",
    )
    store = opened()
    assert only(store).count == 60_000
    ids = [int(i) for i in store.rows("public.t", 100).ids]
    assert len(ids) == 100
    assert ids == sorted(ids)
    # Each quarter of the table gives its part: by chance 25 rows of the 100, and never fewer than 10.
    quarters = np.bincount([(i - 1) // 15_000 for i in ids], minlength=4)
    assert quarters.min() >= 10
    assert [int(i) for i in opened().rows("public.t", 100).ids] == ids


def test_nothing_can_be_changed_even_by_a_view_that_writes(say, opened):
    say(
        SCRIPTS,
        THREE,
        "CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM scripts; RETURN 1; END $$",
        "CREATE VIEW trap AS SELECT words, v, sneak() AS n FROM scripts WHERE sneak() = 1",
    )
    error = refused(opened())
    assert error.cause.startswith("The server could not read public.trap")
    assert "read-only transaction" in error.cause
    assert say("SELECT count(*) FROM scripts") == [(3,)]


def test_no_transaction_stays_open_between_answers(say, opened):
    say(SCRIPTS, THREE)
    store = opened()
    store.collections()
    store.rows("public.scripts", 2)
    assert say("SELECT state FROM pg_stat_activity WHERE application_name = 'scriptorium inspect'") == [("idle",)]
    say("DROP TABLE scripts")
    with pytest.raises(StoreUnreadable):
        store.rows("public.scripts", 2)


def test_one_table_of_several(say, opened, address):
    say(SCRIPTS, "CREATE TABLE t (words text, a vector(2), b vector(3))")
    assert [c.name for c in opened(table="scripts").collections()] == ["public.scripts"]
    assert [c.name for c in opened(table="public.t").collections()] == ["public.t.a", "public.t.b"]
    assert [c.name for c in opened(table="t.b").collections()] == ["public.t.b"]
    assert "Name one of: public.scripts, public.t.a, public.t.b." in str(refused(opened(table="nowhere")))


def test_vectors_of_kinds_that_no_model_makes_are_named(say, opened):
    say("CREATE TABLE t (words text, s sparsevec(5), b bit(128), flags bit(8))")
    error = refused(opened())
    assert error.cause.startswith("The vectors of public.t.s, public.t.b are of the type bit and sparsevec")
    say("ALTER TABLE t ADD v vector(2)")
    assert only(opened()).name == "public.t.v"


def test_a_database_without_pgvector_or_without_vectors(server, opened):
    plain = postgres_server.database(server, f"corpus{next(_NUMBERS)}", extension=False)
    assert "has no pgvector extension" in refused(opened(plain)).cause
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
        connection.execute("CREATE TABLE words (id int, text text)")
    assert "has a vector column" in refused(opened(plain)).cause


def test_tables_that_this_user_may_not_read(say, opened, address):
    say(SCRIPTS, THREE, "CREATE TABLE free (words text, v vector(3))")
    with_password = make_conninfo(address, user=postgres_server.STRICT, password=postgres_server.PASSWORD)
    error = refused(opened(with_password))
    assert error.cause == "The user 'strict' may not read public.free, public.scripts."
    assert "GRANT SELECT ON public.free TO strict" in error.next_step
    say("GRANT SELECT ON free TO strict")
    assert only(opened(with_password)).name == "public.free"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"user": "strict", "password": "wr0ng secret"}, "refuses this user and password"),
        ({"user": "strict"}, "refuses this user and password"),
        ({"user": "nobody"}, "knows no user of this name"),
        ({"dbname": "nowhere"}, "has no database of this name"),
        ({"host": "no-such-host.invalid"}, "no host of this name"),
        ({"host": "/nowhere"}, "No server listens"),
        ({"host": "127.0.0.1", "port": "1"}, "Nothing answers"),
    ],
)
def test_a_server_that_lets_nobody_in(address, opened, changed, told):
    error = refused(opened(make_conninfo(address, **changed)))
    assert told in error.cause
    assert "wr0ng" not in str(error)


def test_a_host_that_accepts_and_never_answers(opened, monkeypatch):
    monkeypatch.setattr(postgres, "_CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        error = refused(opened(f"postgresql://u:s3cret@127.0.0.1:{port}/d"))
    assert "does not answer" in error.cause
    assert "s3cret" not in str(error)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:s3cret@[::1/d",
        "postgresql://u:s3cret@host:port/d?nonsense=1",
        "postgresql://u:%zzs3cret@host/d",
        "host=localhost password='s3cret",
        "host=localhost s3cret",
    ],
)
def test_an_address_that_is_none_is_not_repeated(opened, dsn):
    error = refused(opened(dsn))
    assert "s3cret" not in str(error)
    assert error.__cause__ is None
