"""The process that opens strangers' files, with a decoder that a file has taken over: it wants all time, or all memory."""

from services.documents import reading_process
from services.documents.reading_process import Request, Seen


def greedy(data: bytes, _request: Request) -> Seen:
    held = []
    while True:
        if data == b"memory":
            held.append(bytearray(1 << 26))


if __name__ == "__main__":
    reading_process.MOST_SECONDS = 1
    reading_process.see = greedy
    reading_process.main()
