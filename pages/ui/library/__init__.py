"""The Library: the list, the reader, many at once, the bin, exports, backups and versions."""
