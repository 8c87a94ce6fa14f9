"""Write what the reference pages have from the program anew: `python -m tests.docs`."""

from tests.docs.reference import PAGES, PARTS, rewritten

if __name__ == "__main__":
    for page in PARTS:
        (PAGES / page).write_text(rewritten(page), encoding="utf-8", newline="\n")
