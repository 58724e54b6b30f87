"""A wire to the database that breaks in the middle of a commit: before the server hears of it, or after."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from random import Random

SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT\0"


class Wire:
    """Listens in `folder` as PostgreSQL would, and passes on to the server that listens in `server`.

    Of the commits that pass, `share` is cut off before and as many after the server hears of them.
    """

    def __init__(self, folder: Path, server: Path, dice: Random, share: float) -> None:
        self.server, self.dice, self.share, self.cuts = server, dice, share, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / SOCKET))
        self.listener.listen()
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        self.listener.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _address = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self.server / SOCKET))
            for source, target in ((near, far), (far, near)):
                threading.Thread(
                    target=self._pass_on, args=(source, target, source is near), daemon=True
                ).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_from_us: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                chance = self.dice.random() if is_from_us and COMMIT in data else 1.0
                if chance < self.share:
                    self.cuts += 1
                    break
                target.sendall(data)
                if chance < 2 * self.share:
                    self.cuts += 1
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
