"""The shared client of the hosted model API: submit, fetch, cancel, download."""
