"""The pages, one file each; ``ui`` holds everything shared that touches Streamlit."""
