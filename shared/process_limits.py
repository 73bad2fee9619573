"""How much a process that opens a stranger's file may use. Apart from what starts it: the process loads no more than it needs."""

import resource

MOST_MEMORY = 1 << 30


def limit_this_process(most_seconds: int) -> None:
    """So much memory and processor time and no more, no file to write, no picture of its memory left behind."""
    resource.setrlimit(resource.RLIMIT_CPU, (most_seconds, most_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
