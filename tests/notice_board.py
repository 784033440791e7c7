"""Notices between a test's simulated processes, all in one process: each listener is called immediately."""

from collections import defaultdict


class NoticeBoard:
    """Connects the notices of several processes. While it is `lost`, nobody receives anything."""

    def __init__(self):
        self.lost = False
        self.told = []
        self.members = []

    def join(self):
        """Return the notices of one more process."""
        self.members.append(BoardNotices(self))
        return self.members[-1]

    def pass_on(self, teller, topic, text):
        self.told.append((topic, text))
        for member in self.members:
            if member is not teller and not self.lost:
                member.hear(topic, text)


class BoardNotices:
    """The notices of one process."""

    def __init__(self, board):
        self._board = board
        self._handlers = defaultdict(list)

    def tell(self, topic, text=""):
        self._board.pass_on(self, topic, text)

    def listen(self, topic, handler):
        self._handlers[topic].append(handler)

    def hear(self, topic, text):
        for handler in self._handlers[topic]:
            handler(text)
