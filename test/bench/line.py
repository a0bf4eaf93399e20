"""A long line between machines that are this one: python3 line.py MTU [MACHINES]

Makes network namespaces (two, or as many as are wanted), each with a loopback of its own, in a row: a pair of TUN devices joins each with
the next, 10.77.N.1 with 10.77.N.2, N from 0. None has a route to more than its neighbours. Each packet is handed over a fixed time later.
They have no names and end with this process and those that joined them: nothing is left to remove.
Prints a list of files for `nsenter --net=`. Then each line of standard input changes all pairs both ways and is
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


def make_machine():
    """A namespace of its own; this process stays in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "a network namespace needs root")
    configure(b"lo", None, 0)
    return os.open("/proc/self/ns/net", os.O_RDONLY)


def make_end(address, mtu):
    """One end of a pair, in the namespace that this process is in."""
    name = b"line" + address.split(".")[2].encode()
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name, IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
    fcntl.ioctl(tun, TUNSETOFFLOAD, OFFLOADS)
    configure(name, address, mtu)
    return tun


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


def make_row(mtu, machines):
    namespaces, ends = [], []
    for place in range(machines):
        namespaces.append(make_machine())
        if place > 0:
            ends.append(make_end(f"10.77.{place - 1}.2", mtu))
        if place < machines - 1:
            ends.append(make_end(f"10.77.{place}.1", mtu))
    return namespaces, [(ends[index], ends[index + 1]) for index in range(0, len(ends), 2)]


def run(mtu, machines):
    namespaces, pairs = make_row(mtu, machines)
    print(json.dumps([f"/proc/{os.getpid()}/fd/{namespace}" for namespace in namespaces]), flush=True)
    ways = [way for one, other in pairs for way in (Way(one, other), Way(other, one))]
    by_source = {way.source: way for way in ways}
    delay, rate, command = 0.0, 0.0, b""
    while True:
        due = [way.waiting[0][0] for way in ways if way.waiting]
        timeout = max(0.0, min(due) - time.monotonic()) if due else None
        for ready in select.select([0, *by_source], [], [], timeout)[0]:
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
run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2)
