"""What Scriptorium can do, without a page: see ``ports`` for the architecture and ``workbench`` for the way in."""
