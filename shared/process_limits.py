"""How much a process that opens a stranger's file may use, and the program that forks one for each file.

Apart from what starts it: the program loads no more than it needs.
"""

import gc
import os
import resource
import socket
import sys
from collections.abc import Callable

MOST_MEMORY = 1 << 30


def limit_this_process(most_seconds: int) -> None:
    """So much memory and processor time and no more, no file to write, no picture of its memory left behind."""
    resource.setrlimit(resource.RLIMIT_CPU, (most_seconds, most_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def one_process_for_each_file(work: Callable[[], None], most_seconds: int) -> None:
    """The program itself reads nothing that a stranger sent, and has no thread and no file open. Standard input is its line to
    shared/limited_process.py: a file comes as a socket, and its process's exit code goes back. It ends with the line.

    work: in the limited process, with that socket as standard input and output, and nothing else open."""
    gc.freeze()  # else the first look for garbage in each process would copy what it shares with the program
    line = socket.socket(fileno=0)
    while files := socket.recv_fds(line, 1, 1)[1]:
        if not (pid := os.fork()):
            _open_one(work, files[0], most_seconds)
        os.close(files[0])
        line.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _open_one(work: Callable[[], None], file: int, most_seconds: int) -> None:
    """Never returns."""
    code = 1
    try:
        limit_this_process(most_seconds)
        os.dup2(file, 0)  # and the line is closed
        os.dup2(file, 1)
        os.close(file)
        work()
        sys.stdout.flush()
        code = 0
    finally:
        os._exit(code)
