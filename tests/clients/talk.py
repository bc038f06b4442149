"""How run.py and a client talk: a line in names a phase and its numbers, a line out says that it is through."""
import os
import sys


def settings():
    return os.environ["CLIENT_HOST"], os.environ["CLIENT_KEY"], os.environ["CLIENT_USER"]


def phases(calls):
    for line in sys.stdin:
        phase, first, last = line.split()
        calls(phase, range(int(first), int(last)))
        print("through", phase, flush=True)
