"""Judge: candidates without ranks, one at a time, and what several people say of them."""
