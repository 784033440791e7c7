"""The client of the hosted model API: calls, parsing, rate budget, downloads. It knows no jobs and no Discord."""
