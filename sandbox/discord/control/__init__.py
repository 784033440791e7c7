"""The control interface under `/_sandbox`: the page and the tests use it to act as members and moderators."""
