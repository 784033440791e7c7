"""A job and its life: intake, submit, poll, collect, settle, deliver, recover."""
