"""A platform that answers every question with a tax rate of a kind that does not exist."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Liar(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"TaxRates": [{"Name": "A", "TaxType": "OUTPUT", "ReportTaxType": "MADEUP"}]}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", int(sys.argv[1])), Liar).serve_forever()
