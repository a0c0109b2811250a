"""Which addresses name a database, and that none is shown with its password."""

import pytest

from services.ground.addresses import is_postgres, masked


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("postgresql://me:s3cret@host:5432/db", "postgresql://me:•••@host:5432/db"),
        ("postgres://me:s3@cret/x@host/db", "postgres://me:•••@host/db"),
        ("POSTGRESQL://me:s3cret@host/db", "POSTGRESQL://me:•••@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("postgresql://host/db?user=me&password=s3cret&sslmode=require", None),
        ("host=h user=me password=s3cret dbname=d", "host=h user=me password=••• dbname=d"),
        ("host=h password = 's3 c\\'ret' dbname=d", "host=h password = ••• dbname=d"),
        ("host=h password='s3cret and no end", "host=h password=•••"),
        ("host=h PASSWORD=s3cret sslpassword=s3cret", "host=h PASSWORD=••• sslpassword=•••"),
        ("/data/chroma", "/data/chroma"),
        ("/data/a:b@c", "/data/a:b@c"),
    ],
)
def test_a_password_is_never_shown(target, shown):
    assert masked(target) == (shown or "postgresql://host/db?user=me&password=•••&sslmode=require")


@pytest.mark.parametrize(
    "target", ["postgresql://h/d", " postgres://h/d", "Postgres://h", "host=h", "dbname = d user=x"]
)
def test_a_database(target):
    assert is_postgres(target)


@pytest.mark.parametrize("target", ["/data/chroma", "chroma", "./host", "C:\\chroma", "hostess=1", "postgresql", ""])
def test_a_folder(target):
    assert not is_postgres(target)
