"""The Pythons and the packages that the project is made and tested with."""
