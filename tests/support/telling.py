"""A program for files that tells of itself what its process is and has; and ends as the file says."""

import json
import os
import resource
import signal
import sys

from shared.process_limits import one_process_for_each_file

OPENED: list[str] = []


def tell() -> None:
    asked = sys.stdin.buffer.read().decode()
    OPENED.append(asked)
    if asked == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    open_files = sorted(int(number) for number in os.listdir("/proc/self/fd"))[:-1]  # the last is the list's own
    told = {"pid": os.getpid(), "program": os.getppid(), "opened": OPENED, "open": open_files, "environment": sorted(os.environ)}
    told["limits"] = [resource.getrlimit(each)[0] for each in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE)]
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    one_process_for_each_file(tell, 3)
