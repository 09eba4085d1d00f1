"""Answers requests of normbench: a line of JSON in, a line of JSON out.

A library is a module with a function start() that returns its peers, or raises
ImportError. A peer has a name and a method open(norm, op, shape, workers, load)
that returns a function without arguments, which does the work once, or None if
the peer has no such layer. The function's attribute result does the work and
returns an array: the output, or the gradient of the input.
"""

import importlib
import json
import os
import signal
import sys
import time

import numpy as np

LIBRARIES = ["torch_peers", "onnxruntime_peers"]


def start():
    peers, missing = {}, {}
    for library in LIBRARIES:
        try:
            for peer in importlib.import_module(library).start():
                peers[peer.name] = peer
        except ImportError as e:
            missing[library.removesuffix("_peers")] = str(e)
    return peers, missing


def warm_up(work):
    """Compiles what is compiled at the first call, and lets the heap grow to what
    the calls need: torch's first three calls on fresh pages take six times as long.
    """
    for _ in range(6):
        work()


class Session:
    """The work that is open, by peer."""

    def __init__(self, directory):
        self.directory = directory
        self.peers, self.missing = start()
        self.work = {}

    def path(self, name):
        return os.path.join(self.directory, name + ".f32")

    def load(self, name, shape):
        return np.fromfile(self.path(name), np.float32).reshape(shape)

    def hello(self, q):
        return {"peers": list(self.peers), "missing": self.missing}

    def open(self, q):
        self.work, missing = {}, {}
        for name, peer in self.peers.items():
            try:
                work = peer.open(q["norm"], q["op"], q["shape"], q["workers"], self.load)
                if work is not None:
                    warm_up(work)
                    self.work[name] = work
            except Exception as e:
                missing[name] = f"{type(e).__name__}: {e}".splitlines()[0][:200]
        return {"peers": list(self.work), "missing": missing}

    def check(self, q):
        result = np.ascontiguousarray(self.work[q["peer"]].result(), np.float32)
        result.tofile(self.path("result"))
        return {}

    def time(self, q):
        work = self.work[q["peer"]]
        begin = time.perf_counter_ns()
        for _ in range(q["calls"]):
            work()
        return {"ns": time.perf_counter_ns() - begin}


def main():
    # An interrupt is for normbench, which then closes the requests.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print must not end up between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    session = Session(sys.argv[1])
    for line in sys.stdin:
        q = json.loads(line)
        try:
            answer = getattr(session, q["do"])(q)
        except Exception as e:
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
