"""An FTP server for the tests that can be told to behave as odd as real ones do. Its one argument is JSON; pyftpdlib.ts writes it."""

import json
import os
import socket
import sys
import time

from OpenSSL import SSL
from pyftpdlib import __ver__
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

options = json.loads(sys.argv[1])
quirks = set(options["quirks"])
tls = options["tls"]


def say(*words):
    print(*words, flush=True)


def context_of(certificate, key):
    context = SSL.Context(SSL.SSLv23_METHOD)
    context.use_certificate_chain_file(certificate)
    context.use_privatekey_file(key)
    context.set_session_id(b"ferry")
    versions = {"TLSv1": SSL.TLS1_VERSION, "TLSv1.1": SSL.TLS1_1_VERSION, "TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
    if options.get("tlsVersion"):
        context.set_max_proto_version(versions[options["tlsVersion"]])
        context.set_min_proto_version(SSL.TLS1_VERSION)
        if options["tlsVersion"] in ("TLSv1", "TLSv1.1"):
            context.set_cipher_list(b"DEFAULT@SECLEVEL=0")
    if options.get("clientAuthority"):
        context.load_verify_locations(options["clientAuthority"])
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda connection, certificate, error, depth, ok: bool(ok))
    return context


class TlsData(TLS_DTPHandler):
    def __init__(self, sock, cmd_channel):
        self.other = cmd_channel.data_context
        super().__init__(sock, cmd_channel)

    def secure_connection(self, ssl_context):
        super().secure_connection(self.other or ssl_context)

    def handle_close(self):
        # No reply for a data connection that no command used: the client would take it for that of its next command.
        if self._initialized:
            super().handle_close()
        else:
            self.close()

    def readable(self):
        # As it comes, pyftpdlib gives up a data connection whose TLS handshake begins before the command.
        if self._ssl_accepting:
            return True
        if self._ssl_established and not self._initialized:
            return False
        return super().readable()


class Odd:
    """What both handlers, with and without TLS, do differently on demand."""

    data_context = None

    def handle(self):
        say("connection")
        super().handle()

    def respond(self, resp, *args, **named):
        say("S:", resp.encode("ascii", "replace").decode())
        super().respond(resp, *args, **named)

    def push(self, data):
        # As it comes, pyftpdlib replies in strict UTF-8.
        super(FTPHandler, self).push(data.encode("utf8", self.unicode_errors))

    def pre_process_command(self, line, cmd, arg):
        say("C:", cmd, "***" if cmd == "PASS" else arg.encode("ascii", "replace").decode())
        if cmd == "LIST" and arg.startswith("-") and "listOptionsEmpty" in quirks:
            self.push_dtp_data(b"", cmd="LIST")
        elif "slow" in quirks:
            self.ioloop.call_later(0.15, super().pre_process_command, line, cmd, arg)
        else:
            super().pre_process_command(line, cmd, arg)

    def ftp_RNTO(self, path):
        if "renameRefusesExisting" in quirks and self.fs.lexists(path):
            self._rnfr = None
            self.respond("550 Cannot create a file when that file already exists.")
            return None
        return super().ftp_RNTO(path)

    def _make_epasv(self, extmode=False):
        if "activeOnly" in quirks:
            self.respond("502 Passive mode is switched off.")
        elif "passiveBlocked" in quirks:
            self._announce_closed_port(extmode)
        else:
            super()._make_epasv(extmode)

    def _announce_closed_port(self, extmode):
        probe = socket.socket(self.socket.family)
        probe.bind((self.socket.getsockname()[0], 0))
        port = probe.getsockname()[1]
        probe.close()
        if extmode:
            self.respond("229 Entering extended passive mode (|||%d|)." % port)
        else:
            self.respond("227 Entering passive mode (%s,%d,%d)." % (self.socket.getsockname()[0].replace(".", ","), port // 256, port % 256))

    def on_login(self, username):
        # A log-in may take its time.
        if "idle" in quirks:
            self.timeout = 1
            self._idler.cancel()
            self._idler = self.ioloop.call_later(self.timeout, self.handle_timeout, _errback=self.handle_error)


class Plain(Odd, FTPHandler):
    dtp_handler = DTPHandler


class Secure(Odd, TLS_FTPHandler):
    dtp_handler = TlsData

    def ftp_AUTH(self, line):
        if "authRefused" in quirks:
            self.respond("534 Request denied for policy reasons.")
        elif "authSslOnly" in quirks and line.upper() != "SSL":
            self.respond("504 AUTH %s not supported." % line)
        else:
            super().ftp_AUTH(line)

    def ftp_PBSZ(self, line):
        if "pbszRefused" in quirks:
            self.respond("503 PBSZ is not wanted.")
        else:
            super().ftp_PBSZ(line)

    def ftp_PROT(self, line):
        if "protRefused" in quirks:
            self.respond("536 PROT P not supported.")
        else:
            super().ftp_PROT(line)


class Implicit(Secure):
    def handle(self):
        self.secure_connection(self.ssl_context)

    def handle_ssl_established(self):
        super().handle()


def without(commands, *names):
    return {name: facts for name, facts in commands.items() if name not in names}


def handler_of():
    handler = {"none": Plain, "explicit": Secure, "implicit": Implicit}[tls]
    if tls != "none":
        handler.ssl_context = context_of(options["certificate"], options["key"])
        handler.tls_control_required = handler.tls_data_required = "tlsOptional" not in quirks
        if options.get("dataCertificate"):
            handler.data_context = context_of(options["dataCertificate"], options["dataKey"])
    missing = {"noEpsv": ["EPSV", "EPRT"], "noMlsd": ["MLSD", "MLST"], "noMdtm": ["MDTM"], "noMfmt": ["MFMT"], "noSize": ["SIZE"], "noFeat": ["FEAT"]}
    for quirk, names in missing.items():
        if quirk in quirks:
            handler.proto_cmds = without(handler.proto_cmds, *names)
    handler.banner = "pyftpdlib %s ready." % __ver__
    handler.max_login_attempts = 10
    handler.auth_failed_timeout = 0
    if "rawNames" in quirks:
        handler.unicode_errors = "surrogateescape"
    if "wrongPasvAddress" in quirks:
        handler.masquerade_address = "10.255.255.1"
    if "localTimes" in quirks:
        os.environ["TZ"] = "<+05>-5"
        time.tzset()
        handler.use_gmt_times = False
    return handler


def authorizer():
    accounts = DummyAuthorizer()
    perm = "elr" if "readOnly" in quirks else "elradfmwMT"
    if options.get("user"):
        accounts.add_user(options["user"], options["password"], options["root"], perm=perm)
    else:
        accounts.add_anonymous(options["root"], perm=perm)
    return accounts


handler = handler_of()
handler.authorizer = authorizer()
server = FTPServer((options["address"], options["port"]), handler)
if "oneConnection" in quirks:
    server.max_cons_per_ip = 1
if options.get("uid") is not None:
    os.setgroups([])
    os.setgid(options["gid"])
    os.setuid(options["uid"])
say("ready")
server.serve_forever()
