"""The version of simclinic."""

VERSION = "0.1.0"
