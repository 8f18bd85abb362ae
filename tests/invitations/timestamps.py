"""A timestamp authority on this machine (RFC 3161), made of pyHanko's own dummy."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.keys.internal import (
    translate_pyca_cryptography_cert_to_asn1,
    translate_pyca_cryptography_key_to_asn1,
)
from pyhanko.sign.timestamps import DummyTimeStamper

from tests.invitations.authority import Authority, a_key, begin_member


class TimestampServer:
    """Stamps whatever it is asked to; *url* is where."""

    def __init__(self, authority: Authority) -> None:
        key = a_key(strong=True)  # the dummy knows RSA only
        built = begin_member(authority, "Dịch vụ dấu thời gian", key).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
        certificate = built.sign(authority.key, hashes.SHA256())
        self._stamper = DummyTimeStamper(
            translate_pyca_cryptography_cert_to_asn1(certificate),
            translate_pyca_cryptography_key_to_asn1(key),
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._stamp))
        self.url = f"http://127.0.0.1:{self._server.server_port}/tsa"

    def __enter__(self) -> Self:
        """Open the server."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._server.shutdown()
        self._server.server_close()

    def _stamp(self, body: bytes) -> bytes:
        request = tsp.TimeStampReq.load(body)
        return bytes(self._stamper.request_tsa_response(request).dump())


def _handler(stamp: object) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert callable(stamp)
            answer = stamp(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: object) -> None:
            """Say nothing: a test prints only what went wrong."""

    return Handler
