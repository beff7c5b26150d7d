"""codat-platform and codat-lending, unmodified: create, connect, refresh, read, be told, unlink."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import world
from codat_lending import CodatLending
from codat_lending.models import shared as lending_shared
from codat_platform import CodatPlatform
from codat_platform.models import shared

import base64

authorization = "Basic " + base64.b64encode(world.KEY.encode()).decode()
platform = CodatPlatform(security=shared.Security(auth_header=authorization), server_url=world.BASE)
lending = CodatLending(security=lending_shared.Security(auth_header=authorization), server_url=world.BASE)

heard = []


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        heard.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


receiver = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()

company = platform.companies.create(request={"name": "Orchard & Sons"})
assert company.name == "Orchard & Sons", company
listed = platform.companies.list(request={"query": f"id={company.id}"})
assert [found.id for found in listed.results] == [company.id], listed

consumer = platform.webhooks.create_consumer(
    request={"url": f"http://127.0.0.1:{receiver.server_port}/", "event_types": ["connection.connected", "read.completed.initial", "read.completed"]}
)
assert any(found.id == consumer.id for found in platform.webhooks.list_consumers().results)

connection = platform.connections.create(
    request={"company_id": company.id, "request_body": {"platform_key": "gbol"}}
)
assert connection.status == "PendingAuth", connection
world.approve(connection.link_url, world.organisation())
connection = platform.connections.get(request={"company_id": company.id, "connection_id": connection.id})
assert connection.status == "Linked", connection


def all_complete():
    statuses = platform.refresh_data.get(request={"company_id": company.id})
    found = {name: status.current_status for name, status in statuses if status is not None}
    bad = {name: status for name, status in found.items() if status.endswith("Error")}
    assert not bad, bad
    done = {"Complete", "NotSupported"}
    return found if set(found.values()) <= done and "Complete" in found.values() else None


statuses = world.until(all_complete)
platform.refresh_data.all(request={"company_id": company.id})
world.until(all_complete)
history = platform.refresh_data.list_pull_operations(request={"company_id": company.id})
assert history.total_results >= 2 * sum(status == "Complete" for status in statuses.values()), history.total_results
one = platform.refresh_data.by_data_type(request={"company_id": company.id, "data_type": "invoices"})
assert one.data_type == "invoices", one
world.until(all_complete)

company_reads = {
    "customers": lending.accounts_receivable.customers,
    "invoices": lending.accounts_receivable.invoices,
    "credit notes": lending.accounts_receivable.credit_notes,
    "payments": lending.accounts_receivable.payments,
    "suppliers": lending.accounts_payable.suppliers,
    "bills": lending.accounts_payable.bills,
    "bill credit notes": lending.accounts_payable.bill_credit_notes,
    "bill payments": lending.accounts_payable.bill_payments,
    "accounts": lending.financial_statements.accounts,
    "journal entries": lending.transactions.journal_entries,
}
connection_reads = {
    "account transactions": lending.transactions.account_transactions,
    "direct costs": lending.transactions.direct_costs,
    "transfers": lending.transactions.transfers,
    "direct incomes": lending.accounts_receivable.direct_incomes,
}
for name, read in company_reads.items():
    page = read.list(request={"company_id": company.id, "query": "metadata.isDeleted!=true", "page_size": 500})
    assert page.results, name
    print(f"         {name}: {page.total_results}")
for name, read in connection_reads.items():
    page = read.list(
        request={
            "company_id": company.id,
            "connection_id": connection.id,
            "query": "metadata.isDeleted!=true",
            "page_size": 500,
        }
    )
    assert page.results, name
    print(f"         {name}: {page.total_results}")
invoices = lending.accounts_receivable.invoices.list(
    request={"company_id": company.id, "query": "status=Paid", "order_by": "-issueDate", "page_size": 5}
)
assert invoices.results and all(invoice.status == "Paid" for invoice in invoices.results), invoices
one_invoice = lending.accounts_receivable.invoices.get(
    request={"company_id": company.id, "invoice_id": invoices.results[0].id}
)
assert one_invoice == invoices.results[0], one_invoice
sheet = lending.financial_statements.balance_sheet.get(
    request={"company_id": company.id, "period_length": 1, "periods_to_compare": 6}
)
assert len(sheet.reports) >= 6, sheet
profit = lending.financial_statements.profit_and_loss.get(
    request={"company_id": company.id, "period_length": 3, "periods_to_compare": 2}
)
assert profit.reports, profit

world.until(lambda: len(heard) >= 3)
unlinked = platform.connections.unlink(
    request={"company_id": company.id, "connection_id": connection.id, "update_connection_status": {"status": "Unlinked"}}
)
assert unlinked.status == "Unlinked", unlinked
assert lending.accounts_receivable.customers.list(request={"company_id": company.id}).results, "data stays readable"
platform.webhooks.delete_consumer(request={"webhook_id": consumer.id})
platform.companies.delete(request={"company_id": company.id})
