"""The command line, with what is finished put into the files after every run: `python -m tests.faults.often`."""

import sys

if __name__ == "__main__":
    from simclinic.cli import main
    from simclinic.store import sweep_folder

    sweep_folder.WRITE_EVERY = 0.0
    main(sys.argv[1:])
