"""intuit-oauth and python-quickbooks, unmodified, as clients of the simulator: consent, lists, queries, writes, changes, reports, files, refusals."""

import datetime
import json
import os
import tempfile
import urllib.error
import urllib.parse
import urllib.request

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

import world
from intuitlib import config
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks
from quickbooks.batch import batch_create
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import AuthorizationException, ObjectNotFoundException, QuickbooksException
from quickbooks.objects import (
    Account,
    Attachable,
    Bill,
    BillPayment,
    CreditMemo,
    Customer,
    Department,
    Deposit,
    Invoice,
    Item,
    JournalEntry,
    Payment,
    Purchase,
    PurchaseOrder,
    SalesReceipt,
    TaxCode,
    TaxRate,
    Transfer,
    Vendor,
    VendorCredit,
)
from quickbooks.objects.base import AttachableRef, Ref
from quickbooks.objects.detailline import AccountBasedExpenseLine, AccountBasedExpenseLineDetail
from quickbooks.objects.tax import TxnTaxDetail
from quickbooks.objects.trackingclass import Class

BASE = f"{world.SANDBOX}/quickbooks_online"
REDIRECT = "http://localhost/callback"
CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret", "redirect_uri": REDIRECT, "environment": "sandbox"}

config.DISCOVERY_URL["sandbox"] = f"{BASE}/.well-known/openid_sandbox_configuration"
QuickBooks.sandbox_api_url_v3 = QuickBooks.api_url_v3 = f"{BASE}/v3"


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def consent(auth, organisation):
    """What a browser does: answer the page that the client names; what the app is told then."""
    url = urllib.parse.urlparse(auth.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID]))
    asked = dict(urllib.parse.parse_qsl(url.query))
    fields = urllib.parse.urlencode({**asked, "organisation": organisation, "decision": "allow"}).encode()
    try:
        urllib.request.build_opener(StayHere).open(f"{url.scheme}://{url.netloc}{url.path}", data=fields, timeout=30)
    except urllib.error.HTTPError as answer:
        return dict(urllib.parse.parse_qsl(urllib.parse.urlparse(answer.headers["location"]).query))
    raise SystemExit("the consent page led nowhere")


def refused(kind, call, *arguments, **named):
    """The call has to end in this exception; gives it."""
    try:
        call(*arguments, **named)
    except kind as refusal:
        return refusal
    raise SystemExit(f"{call} was not refused")


organisation = world.organisation(platform="quickbooks_online")
remote_id = world.control("GET", f"organisations/{organisation}")["remote_id"]
auth = AuthClient(**CLIENT)
told = consent(auth, organisation)
assert told["state"] == auth.state_token and told["realmId"] == remote_id, told
auth.get_bearer_token(told["code"], realm_id=told["realmId"])
assert auth.expires_in == 3600 and auth.x_refresh_token_expires_in == 8726400
before = auth.access_token
auth.refresh()
assert auth.access_token != before
assert json.loads(auth.get_user_info().content)["sub"]
qb = QuickBooks(auth_client=auth, refresh_token=auth.refresh_token, company_id=remote_id, minorversion=75)

# Every list, page by page, and of each its first record alone.
for kind in [
    Account, Bill, BillPayment, Class, CreditMemo, Customer, Department, Deposit, Invoice, Item, JournalEntry, Payment,
    Purchase, PurchaseOrder, SalesReceipt, TaxCode, TaxRate, Transfer, Vendor, VendorCredit,
]:
    every, start = [], 1
    while page := kind.all(order_by="Id", start_position=start, max_results=50, qb=qb):
        every += page
        start += len(page)
    ids = [record.Id for record in every]
    assert every and len(set(ids)) == len(ids), kind.__name__
    assert kind.count(qb=qb) == len(every), kind.__name__
    alone = kind.get(ids[0], qb=qb)
    assert alone.Id == ids[0] and alone.to_dict() == every[0].to_dict(), kind.__name__
    print(f"         {kind.__name__}: {len(every)}")

open_bills = Bill.where("Balance > '0' AND TxnDate >= '2020-01-01'", order_by="TxnDate DESC", max_results=1000, qb=qb)
assert open_bills and all(float(bill.Balance) > 0 for bill in open_bills)
chosen = [bill.DocNumber for bill in open_bills[:3]]
assert {bill.DocNumber for bill in Bill.choose(chosen, field="DocNumber", qb=qb)} == set(chosen)
assert Vendor.filter(DisplayName=Vendor.all(max_results=1, qb=qb)[0].DisplayName, qb=qb)

# A purchase, twice under one name: one record. Then changed, refused in its old version, and deleted.
card = Account.filter(AccountType="Credit Card", qb=qb)[0]
cost = Account.filter(AccountType="Expense", qb=qb)[0]
started = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)


def purchase(amount):
    made = Purchase()
    made.PaymentType = "CreditCard"
    made.AccountRef = card.to_ref()
    made.DocNumber = "EXP-000123"
    made.PrivateNote = "from the check"
    line = AccountBasedExpenseLine()
    line.Amount = amount
    line.Description = "Paper"
    line.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = cost.to_ref()
    made.Line.append(line)
    made.TxnTaxDetail = TxnTaxDetail()
    return made


count = Purchase.count(qb=qb)
first = purchase(34.05)
first.save(qb=qb, request_id="check-1")
second = purchase(34.05)
second.save(qb=qb, request_id="check-1")
assert first.Id == second.Id and Purchase.count(qb=qb) == count + 1, "one name, one record"
# The client takes over no more than the id.
first, stale = Purchase.get(first.Id, qb=qb), Purchase.get(first.Id, qb=qb)
assert first.TotalAmt == 34.05 and first.PrivateNote == "from the check"
first.PrivateNote = "changed"
first.save(qb=qb)
assert Purchase.get(first.Id, qb=qb).PrivateNote == "changed"
refusal = refused(QuickbooksException, stale.save, qb=qb)
assert refusal.error_code == 5010, refusal

# A file for it.
with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
    file.write(b"%PDF-1.4 receipt")
    file.flush()
    receipt = Attachable()
    reference = AttachableRef()
    reference.EntityRef = Ref()
    reference.EntityRef.type, reference.EntityRef.value = "Purchase", first.Id
    receipt.AttachableRef.append(reference)
    receipt.FileName, receipt._FilePath, receipt.ContentType = "receipt.pdf", file.name, "application/pdf"
    receipt.save(qb=qb)
assert receipt.Id and Attachable.get(receipt.Id, qb=qb).FileName == "receipt.pdf"

# Several at once, what changed since, and what was deleted.
made = batch_create([purchase(1), purchase(2), purchase(3)], qb=qb)
assert len(made.successes) == 3 and not made.faults
made.successes[0].delete(qb=qb)
changed = change_data_capture([Purchase, Invoice], started.isoformat(timespec="seconds"), qb=qb)
seen = {record.Id: record for record in changed.Purchase}
assert first.Id in seen and made.successes[1].Id in seen
# The client keeps deleted ones with their id alone.
assert made.successes[0].Id in seen and not seen[made.successes[0].Id].Line
refused(ObjectNotFoundException, Purchase.get, made.successes[0].Id, qb=qb)

report = qb.get_report("BalanceSheet", {"start_date": "2025-01-01", "end_date": "2025-06-30", "summarize_column_by": "Month"})
assert report["Header"]["ReportName"] == "BalanceSheet" and len(report["Columns"]["Column"]) == 7
assert qb.get_report("ProfitAndLoss")["Rows"]["Row"]

# Void, as far as the platform goes.
invoice = next(one for one in Invoice.all(max_results=500, qb=qb) if one.Balance == one.TotalAmt and one.TotalAmt)
invoice.void(qb=qb)
voided = Invoice.get(invoice.Id, qb=qb)
assert voided.TotalAmt == 0 and voided.PrivateNote.startswith("Voided")

# Refusals, and the end of consent.
assert refused(QuickbooksException, qb.query, "select * from Cheese").error_code == 4001
world.control("POST", f"organisations/{organisation}/revoke")
refused(AuthorizationException, Purchase.count, qb=qb)
refused(AuthClientError, auth.refresh)
told = consent(auth, organisation)
auth.get_bearer_token(told["code"], realm_id=told["realmId"])
again = QuickBooks(auth_client=auth, refresh_token=auth.refresh_token, company_id=remote_id, minorversion=75)
assert Purchase.count(qb=again), "consent brings it back"
assert auth.revoke(token=auth.refresh_token)
refused(AuthorizationException, Purchase.count, qb=again)
violations = world.control("GET", f"organisations/{organisation}/requests")["violations"]
assert [violation["rule"] for violation in violations] == ["refresh_token.dead"], violations
