"""The command line, with what is finished put into the files again and again: `python -m tests.faults.often`."""

if __name__ == "__main__":
    from simclinic.cli import main
    from simclinic.store import run_folder, sweep_folder

    run_folder.WRITE_EVERY, sweep_folder.WRITE_EVERY = 0.2, 0.0
    main()
