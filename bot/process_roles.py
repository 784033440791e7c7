"""The roles of a process: one process may do everything, or several share the work on one database."""

from enum import StrEnum


class ProcessRole(StrEnum):
    """What a process does."""

    ALL = "all"
    """Everything, alone. The default."""
    GATEWAY = "gateway"
    """Holds the connection to Discord's gateway and answers interactions. It takes no step of any job."""
    WORKER = "worker"
    """Takes the steps of jobs and shows them, by REST only."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes use the database, too."""
        return self is not ProcessRole.ALL
