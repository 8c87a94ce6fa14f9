"""Write the sample export and its truth to `scenarios/data`: `python -m tests.exports`."""

from tests.exports.sample import FOLDER, files

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
