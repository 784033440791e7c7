"""How a job's progress and its end reach people: the delivery ladder, packing of files, notifications."""
