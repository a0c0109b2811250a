"""Upload: many files, a folder or a ZIP, looked through before anything is stored, and undone in one step."""

from pages.ui import frame
from pages.ui.upload import uploading

frame.guard()
with frame.page("Upload") as workbench:
    uploading.show(workbench)
