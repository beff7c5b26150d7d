"""xero-python, unmodified, as a client of the simulator: consent, lists, single records, reports, refusals, the end of consent."""

import base64
import datetime
import json
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid

import world
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
from xero_python.exceptions import AccountingBadRequestException, HTTPStatusException, NotFoundException
from xero_python.identity import IdentityApi

IDENTITY = f"{world.SANDBOX}/xero/identity/connect"
REDIRECT = "http://localhost/callback"
SCOPE = "offline_access accounting.settings accounting.contacts accounting.transactions accounting.reports.read"
CLIENT = ("sandbox-client", "sandbox-secret")

# The one setting that the SDK has no argument for: where tokens are made and ended.
TokenApi.refresh_token_url = f"{IDENTITY}/token"
TokenApi.revoke_token_url = f"{IDENTITY}/revocation"


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def form(url, fields, headers={}):
    """Post a form; the answer's headers and text, a redirect's too."""
    request = urllib.request.Request(url, data=urllib.parse.urlencode(fields).encode(), headers=headers)
    try:
        with urllib.request.build_opener(StayHere).open(request, timeout=30) as answer:
            return answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        if answer.code not in (302, 303):
            raise
        return answer.headers, b""


def consent(organisation):
    """What a browser and an app's callback do: consent, and trade the code. The SDK has no part in that."""
    asked = {"response_type": "code", "client_id": CLIENT[0], "redirect_uri": REDIRECT, "scope": SCOPE, "state": "s"}
    headers, _ = form(f"{IDENTITY}/authorize", {**asked, "organisation": organisation, "decision": "allow"})
    answer = urllib.parse.parse_qs(urllib.parse.urlparse(headers["location"]).query)
    assert answer["state"] == ["s"], answer
    basic = base64.b64encode(":".join(CLIENT).encode()).decode()
    fields = {"grant_type": "authorization_code", "code": answer["code"][0], "redirect_uri": REDIRECT}
    _, text = form(f"{IDENTITY}/token", fields, {"authorization": f"Basic {basic}"})
    token = json.loads(text)
    assert token["token_type"] == "Bearer" and token["expires_in"] == 1800, "an access token lives 30 minutes"
    return {**token, "scope": token["scope"].split()}


def client(token):
    """An SDK client with a token of its own; the token as the SDK keeps it."""
    kept = {"token": token}
    configuration = Configuration(oauth2_token=OAuth2Token(client_id=CLIENT[0], client_secret=CLIENT[1]))
    made = ApiClient(
        configuration,
        pool_threads=1,
        oauth2_token_getter=lambda: kept["token"],
        oauth2_token_saver=lambda token: kept.update(token=token),
    )
    return made, kept


def refused(kind, status, call, *arguments, **named):
    """The call has to end in this exception with this HTTP status; gives the exception."""
    try:
        call(*arguments, **named)
    except kind as refusal:
        assert refusal.http_resp.status == status, refusal
        return refusal
    raise SystemExit(f"{call.__name__} was not refused")


organisation = world.organisation()
connected, kept = client(consent(organisation))
identity = IdentityApi(connected, base_url=f"{world.SANDBOX}/xero")
xero = AccountingApi(connected, base_url=f"{world.SANDBOX}/xero/api.xro/2.0")

connections = identity.get_connections()
assert [(one.tenant_id, one.tenant_type) for one in connections] == [(organisation, "ORGANISATION")], connections
assert isinstance(connections[0].created_date_utc, datetime.datetime), connections[0]
assert identity.get_connections(auth_event_id=connections[0].auth_event_id) == connections
assert identity.get_connections(auth_event_id=str(uuid.uuid4())) == []

# Every list, and of each its first record alone: the record read alone says what the list said.
lists = {
    "accounts": ("get_accounts", "get_account", "account_id"),
    "bank_transactions": ("get_bank_transactions", "get_bank_transaction", "bank_transaction_id"),
    "bank_transfers": ("get_bank_transfers", "get_bank_transfer", "bank_transfer_id"),
    "contacts": ("get_contacts", "get_contact", "contact_id"),
    "credit_notes": ("get_credit_notes", "get_credit_note", "credit_note_id"),
    "invoices": ("get_invoices", "get_invoice", "invoice_id"),
    "items": ("get_items", "get_item", "item_id"),
    "manual_journals": ("get_manual_journals", "get_manual_journal", "manual_journal_id"),
    "payments": ("get_payments", "get_payment", "payment_id"),
    "purchase_orders": ("get_purchase_orders", "get_purchase_order", "purchase_order_id"),
    "tracking_categories": ("get_tracking_categories", "get_tracking_category", "tracking_category_id"),
}
paged = {"bank_transactions", "contacts", "credit_notes", "invoices", "manual_journals", "payments", "purchase_orders"}
for name, (read_list, read_one, key) in lists.items():
    every, page = [], 1
    while True:
        more = {"page": page, "page_size": 100} if name in paged else {}
        found = getattr(getattr(xero, read_list)(organisation, **more), name)
        every += found
        if name not in paged or len(found) < 100:
            break
        page += 1
    assert every, name
    ids = [getattr(record, key) for record in every]
    assert len(set(ids)) == len(ids), f"{name}: a record came twice"
    alone = getattr(getattr(xero, read_one)(organisation, ids[0]), name)
    assert [getattr(record, key) for record in alone] == ids[:1], name
    for amount in ("total", "amount", "name", "code"):
        if hasattr(every[0], amount):
            assert getattr(alone[0], amount) == getattr(every[0], amount), (name, amount)
    print(f"         {name}: {len(every)}")

for name in "organisations currencies tax_rates users batch_payments prepayments overpayments".split():
    found = getattr(getattr(xero, f"get_{name}")(organisation), name)
    assert found or name in ("batch_payments", "prepayments", "overpayments"), name
about = xero.get_organisations(organisation).organisations[0]
assert about.organisation_id == organisation and about.base_currency, about

# Questions: `where`, `order`, statuses, pages, what changed since.
sales = xero.get_invoices(organisation, where='Type=="ACCREC"', order="Date DESC", page=1, page_size=20).invoices
assert len(sales) == 20 and {one.type for one in sales} == {"ACCREC"}
assert [one.date for one in sales] == sorted((one.date for one in sales), reverse=True), "ordered by date"
assert all(one.line_items for one in sales), "a page has its lines"
assert all(round(one.sub_total + one.total_tax - one.total, 4) == 0 for one in sales)
paid = xero.get_invoices(organisation, statuses=["PAID"], page=1).invoices
assert paid and {one.status for one in paid} == {"PAID"}
assert all(one.amount_due == 0 for one in paid), "nothing is due on a paid invoice"
chosen = [one.invoice_id for one in sales[:3]]
assert {one.invoice_id for one in xero.get_invoices(organisation, i_ds=chosen).invoices} == set(chosen)
assert xero.get_invoices(organisation, page=1000).invoices == [], "a page beyond the end is empty"
tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
assert xero.get_contacts(organisation, if_modified_since=tomorrow).contacts == [], "nothing changes tomorrow"
long_ago = datetime.datetime(2000, 1, 1)
assert xero.get_contacts(organisation, if_modified_since=long_ago).contacts, "everything changed since 2000"

# Reports.
today = datetime.date.today()
month = today.replace(day=1)
reports = {
    "BalanceSheet": xero.get_report_balance_sheet(organisation, date=today, periods=3, timeframe="MONTH"),
    "ProfitAndLoss": xero.get_report_profit_and_loss(organisation, from_date=month, to_date=today),
    "TrialBalance": xero.get_report_trial_balance(organisation, date=today),
    "BankSummary": xero.get_report_bank_summary(organisation, from_date=month, to_date=today),
}
for kind, answer in reports.items():
    report = answer.reports[0]
    assert report.report_id == kind, report.report_id
    assert report.rows[0].row_type.value == "Header" and len(report.rows) > 1, kind
assert len(reports["BalanceSheet"].reports[0].rows[0].cells) == 5, "a name and four months"

# Refusals.
bad = refused(AccountingBadRequestException, 400, xero.get_invoices, organisation, where="Type==")
assert re.search("Message", bad.http_resp.data.decode()), bad
refused(NotFoundException, 404, xero.get_invoice, organisation, str(uuid.uuid4()))
refused(HTTPStatusException, 403, xero.get_invoices, str(uuid.uuid4()))
stranger, _ = client({**kept["token"], "access_token": "nonsense", "refresh_token": None})
refused(HTTPStatusException, 401, AccountingApi(stranger, base_url=xero.base_url).get_organisations, organisation)

# A fresh token: the SDK asks for one by itself once the old one is past its time.
before = kept["token"]
kept["token"] = {**before, "expires_at": 0}
assert xero.get_organisations(organisation).organisations
assert kept["token"]["access_token"] != before["access_token"]
assert kept["token"]["refresh_token"] != before["refresh_token"], "refresh tokens are good once"

# The end of consent: of one organisation, then of all.
identity.delete_connection(connections[0].id)
assert identity.get_connections() == []
refused(HTTPStatusException, 403, xero.get_organisations, organisation)
kept["token"] = consent(organisation)
assert xero.get_organisations(organisation).organisations, "consent brings it back"
ended = kept["token"]
connected.revoke_oauth2_token()
revoked, _ = client({**ended, "expires_at": 0})
refused(HTTPStatusException, 400, IdentityApi(revoked, base_url=identity.base_url).get_connections)
