"""`python -m simclinic` is the command `simclinic`."""

from simclinic.cli import main

if __name__ == "__main__":
    main()
