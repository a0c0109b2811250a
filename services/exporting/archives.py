"""ZIP files whose bytes tell nothing but what is in them."""

import zipfile

# The earliest time that a zip file can hold: the time of the export would change its bytes.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def add_member(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Put a file into a zip, with neither its time nor the system in its bytes."""
    member = zipfile.ZipInfo(name, _ZIP_TIME)
    # Else the bytes would tell on which system they were written. Stored, for compressors differ too.
    member.create_system = 3
    member.external_attr = 0o644 << 16
    archive.writestr(member, data, zipfile.ZIP_STORED)
