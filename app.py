"""Scriptorium's front door: ``streamlit run app.py``."""

from pages.ui import frame

frame.run()
