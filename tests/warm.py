"""Child processes of the product, forked from one that has loaded what they load.

Chroma takes longer to load than most tests take with it. Only the start is another one: what runs is the module that
the product names, in a process of its own that may hang and die. Tests marked ``cold`` begin it as the product does.
"""

import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIPE, DEVNULL, TimeoutExpired = subprocess.PIPE, subprocess.DEVNULL, subprocess.TimeoutExpired
_LONGEST = 65_536
_zygote: socket.socket | None = None


class Popen:
    """As ``subprocess.Popen`` of ``python -m MODULE ARGUMENTS``, as far as the product asks of it."""

    def __init__(self, command: Sequence[str], *, cwd, stdin=None, stdout, stderr, text=False) -> None:
        self.args, self.returncode, self.stdin = command, None, None
        python, module, *arguments = command[0], command[2], *command[3:]
        assert (python, command[1], Path(cwd)) == (sys.executable, "-m", ROOT)
        self._told, told = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        reading = os.open(os.devnull, os.O_RDONLY)
        if stdin == PIPE:
            os.close(reading)
            reading, writing = os.pipe()
            self.stdin = os.fdopen(writing, "w" if text else "wb")
        with Path(os.devnull).open("wb") as nowhere:
            out, complaints = (nowhere if file == DEVNULL else file for file in (stdout, stderr))
            given = [reading, out.fileno(), complaints.fileno(), told.fileno()]
            socket.send_fds(_started(), [json.dumps([module, *arguments]).encode()], given)
        os.close(reading)
        told.close()
        self.pid = int(self._told.recv(64))
        self._told.setblocking(False)

    def poll(self):
        """The exit code, negative where a signal ended it; None while it runs."""
        if self.returncode is None:
            with suppress(BlockingIOError):
                told = self._told.recv(64)
                self.returncode = int(told or -signal.SIGKILL)
                self._told.close()
        return self.returncode

    def wait(self, timeout=None):
        until = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if until is not None and time.monotonic() > until:
                raise TimeoutExpired(self.args, timeout)
            time.sleep(0.002)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run(command, *, cwd, capture_output, check, timeout) -> "subprocess.CompletedProcess[str]":
    """As ``subprocess.run``, of which the product asks for the exit code only."""
    assert (capture_output, check) == (True, False)
    child = Popen(command, cwd=cwd, stdout=DEVNULL, stderr=DEVNULL)
    try:
        code = child.wait(timeout)
    except TimeoutExpired:
        child.kill()
        child.wait()
        raise
    return subprocess.CompletedProcess(command, code)


def _started() -> socket.socket:
    """The way to the process that has everything loaded."""
    global _zygote
    if _zygote is None:
        _zygote, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "tests.warm", str(other.fileno())]
        subprocess.Popen(command, cwd=ROOT, pass_fds=[other.fileno()], start_new_session=True)
        other.close()
    return _zygote


def _serve(requests: socket.socket) -> None:
    for loaded in ("chromadb.api.rust", "services.stores.chroma_files"):
        importlib.import_module(loaded)

    # Nobody waits for those that watch.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        line, given, _, _ = socket.recv_fds(requests, _LONGEST, 4)
        if not line:
            return
        if os.fork() == 0:
            requests.close()
            _watch(json.loads(line), given)
        for each in given:
            os.close(each)


def _watch(command: list[str], given: list[int]) -> None:
    """Begin the child, tell who it is, and what it ended with."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    told = given.pop()
    child = os.fork()
    if child == 0:
        os.close(told)
        _become(command, given)
    for each in given:
        os.close(each)
    os.write(told, str(child).encode())
    _, status = os.waitpid(child, 0)
    with suppress(OSError):
        os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(command: list[str], given: list[int]) -> None:
    for number, each in enumerate(given):
        os.dup2(each, number)
        os.close(each)
    sys.stdin = os.fdopen(0, closefd=False)
    module, *sys.argv[1:] = command
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  as Python itself would tell it
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
