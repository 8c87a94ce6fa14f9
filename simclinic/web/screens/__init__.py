"""The screens of the page: each module has its addresses in `ROUTES`."""
