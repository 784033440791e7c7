"""Accounts, transfers and holds, in milli-credits. It knows jobs only by their ids."""
