"""A long line between two machines that are this one: python3 line.py MTU

Makes two network namespaces (10.77.0.1 and 10.77.0.2, each with a loopback of its own) joined by a pair of TUN devices, and hands each
packet over a fixed time later. They have no names and end with this process and those that joined them: nothing is left to remove.
Prints {"server": PATH, "client": PATH}, two files for `nsenter --net=`. Then each line of standard input changes the line both ways and is
answered with `ok`: `delay MS` (one way), `rate BYTES` (a second; 0: no bound; what waits longer than 100 ms is dropped, as routers do).
Ends with its input. Packets pass in the large pieces that the kernel hands out (TUNSETOFFLOAD), so the MTU costs nothing.
"""
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from collections import deque

CLONE_NEWNET = 0x40000000
TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x0001, 0x1000, 0x4000
OFFLOADS = 0x01 | 0x02 | 0x04 | 0x08  # checksums, TCP over IPv4, over IPv6, with ECN
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFMTU = 0x8916, 0x891C, 0x8922
IFF_UP = 0x1
LARGEST = 65536 + 64
SHORTEST_BUFFER = 262144


def configure(name, address, mtu):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        def internet(request, text):
            fcntl.ioctl(control, request, struct.pack("16sH2s4s8s", name, socket.AF_INET, b"", socket.inet_aton(text), b""))
        if address is not None:
            internet(SIOCSIFADDR, address)
            internet(SIOCSIFNETMASK, "255.255.255.0")
            fcntl.ioctl(control, SIOCSIFMTU, struct.pack("16si12x", name, mtu))
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack("16sH14x", name, 0)))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", name, flags | IFF_UP))


def make_end(address, mtu):
    """A namespace of its own with one end of the line; this process stays in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "a network namespace needs root")
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"line", IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
    fcntl.ioctl(tun, TUNSETOFFLOAD, OFFLOADS)
    configure(b"lo", None, 0)
    configure(b"line", address, mtu)
    return tun, os.open("/proc/self/ns/net", os.O_RDONLY)


class Way:
    """One direction."""

    def __init__(self, source, target):
        self.source, self.target = source, target
        self.waiting = deque()
        self.free = 0.0

    def take(self, delay, rate):
        for _ in range(64):
            try:
                packet = os.read(self.source, LARGEST)
            except BlockingIOError:
                return
            now = time.monotonic()
            if rate > 0:
                begin = max(now, self.free)
                if (begin - now) * rate > max(SHORTEST_BUFFER, rate * 0.1):
                    continue
                self.free = now = begin + len(packet) / rate
            if delay == 0 and rate == 0 and not self.waiting:
                self.put(packet)
            else:
                self.waiting.append((now + delay, packet))

    def give(self):
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            self.put(self.waiting.popleft()[1])

    def put(self, packet):
        try:
            os.write(self.target, packet)
        except (BlockingIOError, OSError):
            pass  # Lost on the way: TCP sends it again.


def run(mtu):
    server, server_namespace = make_end("10.77.0.1", mtu)
    client, client_namespace = make_end("10.77.0.2", mtu)
    at = f"/proc/{os.getpid()}/fd/"
    print(json.dumps({"server": f"{at}{server_namespace}", "client": f"{at}{client_namespace}"}), flush=True)
    ways = [Way(server, client), Way(client, server)]
    by_source = {way.source: way for way in ways}
    delay, rate, command = 0.0, 0.0, b""
    while True:
        due = [way.waiting[0][0] for way in ways if way.waiting]
        timeout = max(0.0, min(due) - time.monotonic()) if due else None
        for ready in select.select([0, server, client], [], [], timeout)[0]:
            if ready in by_source:
                by_source[ready].take(delay, rate)
                continue
            received = os.read(0, 4096)
            if received == b"":
                return
            *lines, command = (command + received).split(b"\n")
            for line in lines:
                what, value = line.split()
                if what == b"delay":
                    delay = float(value) / 1000
                else:
                    rate = float(value)
                print("ok", flush=True)
        for way in ways:
            way.give()


signal.signal(signal.SIGINT, signal.SIG_IGN)  # Whoever started it closes its input.
run(int(sys.argv[1]))
