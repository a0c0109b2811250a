"""What runs in a process of its own: parsers of formats whose files can hang, exhaust or crash whoever reads them.

``python -m services.readers.parsers`` answers the questions of ``services.readers.apart``.
"""
