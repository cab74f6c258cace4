# SPDX-License-Identifier: GPL-3.0-or-later
"""An X server for clients that ask and do not draw, such as xdpyinfo(1): the X11 protocol as
far as these go. It has one screen, no extensions, and a name to know it by."""

import contextlib
import socket
import struct
import threading

VENDOR = b"the X server of the tests"
# GetWindowAttributes, GetGeometry, InternAtom, GetProperty, GetInputFocus, QueryBestSize,
# QueryExtension, ListExtensions, GetKeyboardControl: an answer of zeros says "none" to each.
ANSWERED = {3, 14, 16, 20, 43, 97, 98, 99, 103}


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def setup() -> bytes:
    """What the server says of itself."""
    visual = struct.pack("<IBBHIII4x", 33, 4, 8, 256, 0xff0000, 0xff00, 0xff)
    depth = struct.pack("<BxH4x", 24, 1) + visual
    screen = struct.pack("<IIIIIHHHHHHIBBBB", 43, 32, 0xffffff, 0, 0, 640, 480, 170, 130, 1, 1, 33, 0, 0, 24, 1)
    form = struct.pack("<BBB5x", 24, 32, 32)
    body = struct.pack("<IIIIHHBBBBBBBB4x", 1, 0x200000, 0x1fffff, 0, len(VENDOR), 65535, 1, 1, 0, 0, 32, 32, 8, 255)
    body += padded(VENDOR) + form + screen + depth
    return struct.pack("<BxHHH", 1, 11, 0, len(body) // 4) + body


class XServer:
    """Listens on 127.0.0.1; display is what DISPLAY is to be."""

    def __init__(self):
        self.cookies = []  # the names of the authorisations that clients came with
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.display = f"127.0.0.1:{self.sock.getsockname()[1] - 6000}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                threading.Thread(target=self._serve, args=(self.sock.accept()[0],), daemon=True).start()

    def _serve(self, sock):
        with sock, sock.makefile("rb") as data, contextlib.suppress(OSError, struct.error):
            order, _, _, name, cookie = struct.unpack("<BxHHHHxx", data.read(12))
            assert order == ord("l"), "a client of the other byte order"
            self.cookies.append(data.read(name + -name % 4)[:name].decode())
            data.read(cookie + -cookie % 4)
            sock.sendall(setup())
            number = 0
            while True:
                opcode, length = struct.unpack("<BxH", data.read(4))
                data.read(4 * length - 4)
                number += 1
                if opcode in ANSWERED:
                    sock.sendall(struct.pack("<BxHI24x", 1, number & 0xffff, 0))

    def close(self):
        # close(2) alone does not wake who waits in accept(2)
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
