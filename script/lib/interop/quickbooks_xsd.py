"""The QuickBooks simulator's JSON against Intuit's XSD: names and types of every entity, as generated and as written.

Takes the folder with Finance.xsd, IntuitRestServiceDef.xsd and what they include.
"""

import base64
import datetime
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import world
import xmlschema

FOLDER = sys.argv[1]
BASE = f"{world.SANDBOX}/quickbooks_online"
# IntuitRestServiceDef.xsd includes Finance.xsd, and that the others.
schema = xmlschema.XMLSchema10(f"{FOLDER}/IntuitRestServiceDef.xsd")

# How JSON says what the XSD has for XML: the text of an element with attributes is its member `value`; what may come
# more than once is a list, even if it comes once; entities stand under their names where the XSD has the abstract
# element IntuitObject; identifiers are strings, amounts numbers. One 401 and one 403 have an envelope in small letters
# ("fault") that no XSD describes; they are left to the clients' own checks.
# The XSD's extension points hold whatever Java serialises: {"name": …, "nil": false, "value": {…}}.
ANYTHING = ("IntuitAnyType",)

compared = 0
seen = set()
problems = {}


def fault(where, what):
    """Note what is wrong, once for all records of a kind."""
    problems.setdefault((re.sub(r"\[\d+\]", "[]", where), what), []).append(where)


def members(kind):
    """The elements and attributes of a complex type: name -> (type, whether JSON has a list of it)."""
    found = {name: (attribute.type, False) for name, attribute in kind.attributes.items() if name}
    if kind.has_simple_content():
        # The text of an element with attributes is the member `value`.
        return {**found, "value": (kind.content, False)}
    for element in kind.content.iter_elements():
        if not isinstance(element, xmlschema.XsdElement):
            continue
        repeats = element.max_occurs is None or element.max_occurs > 1
        for one in [element, *schema.maps.substitution_groups.get(element.name, ())]:
            found[one.local_name] = (one.type, repeats)
    return found


def compare(value, kind, where):
    """Every name has to be one of the type, and every value of its type."""
    if kind.local_name in ANYTHING:
        return
    if kind.is_complex():
        if not isinstance(value, dict):
            return fault(where, f"is {json.dumps(value)[:60]}, no {kind.local_name}")
        known = members(kind)
        for name, inner in value.items():
            here = f"{where}.{name}"
            if name not in known:
                fault(here, f"is no name of {kind.local_name}")
                continue
            seen.add((kind.local_name, name))
            inner_kind, repeats = known[name]
            if repeats != isinstance(inner, list):
                fault(here, "has to be a list" if repeats else "is a list")
                continue
            for number, one in enumerate(inner if repeats else [inner]):
                compare(one, inner_kind, f"{here}[{number}]" if repeats else here)
        return
    compare_text(value, kind, where)


def compare_text(value, kind, where):
    base = (kind.primitive_type or kind).local_name
    if base in ("decimal", "float", "double"):
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    elif base == "boolean":
        fits = isinstance(value, bool)
    else:
        # Dates with and without a time, identifiers, enumerations and texts are JSON strings.
        fits = isinstance(value, str)
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    if not fits or not kind.is_valid(text):
        fault(where, f"is {json.dumps(value)[:60]}, no {kind.local_name or base}")


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def consent(organisation):
    """What a browser and an app's callback do; where the books are, and a token for them."""
    asked = {
        "response_type": "code", "client_id": "sandbox-client", "redirect_uri": "http://localhost/callback",
        "scope": "com.intuit.quickbooks.accounting", "state": "s", "organisation": organisation, "decision": "allow",
    }
    try:
        urllib.request.build_opener(StayHere).open(f"{BASE}/connect/oauth2", urllib.parse.urlencode(asked).encode(), timeout=30)
        raise SystemExit("the consent page led nowhere")
    except urllib.error.HTTPError as answer:
        told = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(answer.headers["location"]).query))
    basic = base64.b64encode(b"sandbox-client:sandbox-secret").decode()
    fields = {"grant_type": "authorization_code", "code": told["code"], "redirect_uri": asked["redirect_uri"]}
    request = urllib.request.Request(
        f"{BASE}/oauth2/v1/tokens/bearer", urllib.parse.urlencode(fields).encode(), {"authorization": f"Basic {basic}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return f"{BASE}/v3/company/{told['realmId']}", json.load(answer)["access_token"]


class Company:
    """The books of one organisation, asked as an app would."""

    def __init__(self, currency):
        wanted = {"platform": "quickbooks_online", "seed": 5, "months": 14, "invoices": 240, "currency": currency, "limits": "off"}
        self.url, self.token = consent(world.control("POST", "organisations", wanted)["id"])

    def ask(self, path, body=None, **query):
        url = f"{self.url}/{path}?" + urllib.parse.urlencode({**query, "minorversion": "75"})
        headers = {"authorization": f"Bearer {self.token}", "accept": "application/json", "content-type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as answer:
            found = json.load(answer)
        self.whole(found, path)
        return found

    def whole(self, found, path):
        """The envelope, as IntuitRestServiceDef.xsd has it, and all that stands in it."""
        global compared
        compared += 1
        if "Header" in found:
            return compare(found, schema.types["Report"], "Report")
        # JSON has the entities of a query by their names, where the XSD has the abstract element that they stand in for.
        compare(found, schema.elements["IntuitResponse"].type, "IntuitResponse" if "query" in path else path)

    def every(self, entity):
        """All records of an entity, page by page."""
        start, records = 1, []
        while True:
            active = " where Active in (true, false)" if entity in NAMED else ""
            query = f"select * from {entity}{active} orderby Id startposition {start} maxresults 200"
            page = self.ask("query", query=query)["QueryResponse"].get(entity, [])
            records += page
            start += 200
            if len(page) < 200:
                return records

    def first(self, entity, where=""):
        return self.ask("query", query=f"select * from {entity} {where} maxresults 1")["QueryResponse"][entity][0]


NAMED = {"Account", "Class", "Customer", "Department", "Item", "TaxCode", "TaxRate", "Vendor"}
ENTITIES = (
    "Account Bill BillPayment Class CompanyInfo CreditMemo Customer Department Deposit Invoice Item JournalEntry Payment "
    "Preferences Purchase PurchaseOrder SalesReceipt TaxAgency TaxCode TaxRate Transfer Vendor VendorCredit Attachable"
).split()


def writes(company):
    """What an app writes: each kind made, changed, and taken away."""
    card = company.first("Account", "where AccountType = 'Credit Card'")["Id"]
    bank, other = [
        one["Id"] for one in company.ask("query", query="select * from Account where AccountType = 'Bank' maxresults 2")["QueryResponse"]["Account"]
    ]
    cost = company.first("Account", "where AccountType = 'Expense'")["Id"]
    vendor = company.first("Vendor")["Id"]
    ref = lambda value: {"value": value}
    line = {"DetailType": "AccountBasedExpenseLineDetail", "Amount": 12.3, "Description": "Paper", "AccountBasedExpenseLineDetail": {"AccountRef": ref(cost)}}
    deposit = {"DetailType": "DepositLineDetail", "Amount": 9.99, "DepositLineDetail": {"AccountRef": ref(cost), "Entity": {"value": vendor, "type": "VENDOR"}}}
    side = lambda kind, account: {"DetailType": "JournalEntryLineDetail", "Amount": 5, "JournalEntryLineDetail": {"PostingType": kind, "AccountRef": ref(account)}}
    bodies = {
        "Purchase": {"PaymentType": "CreditCard", "AccountRef": ref(card), "DocNumber": "X-1", "EntityRef": {"value": vendor, "type": "Vendor"}, "Line": [line]},
        "Bill": {"VendorRef": ref(vendor), "DueDate": "2026-12-24", "Line": [line]},
        "Deposit": {"DepositToAccountRef": ref(bank), "Line": [deposit]},
        "Transfer": {"FromAccountRef": ref(bank), "ToAccountRef": ref(other), "Amount": 7.5, "PrivateNote": "float"},
        "JournalEntry": {"Line": [side("Debit", cost), side("Credit", bank)]},
        "Vendor": {"DisplayName": "Compared & Sons"},
        "Customer": {"DisplayName": "Compared Ltd", "PrimaryEmailAddr": {"Address": "office@example.com"}},
        "Attachable": {"Note": "a receipt", "AttachableRef": [{"EntityRef": {"type": "Invoice", "value": company.first("Invoice")["Id"]}}]},
    }
    kept = {}
    for entity, body in bodies.items():
        made = company.ask(entity.lower(), body)
        assert entity in made, made
        note = {"Note": "another"} if entity == "Attachable" else {} if entity in ("Vendor", "Customer") else {"PrivateNote": "changed"}
        kept[entity] = company.ask(entity.lower(), {**made[entity], **note})[entity]
        company.ask(f"{entity.lower()}/{kept[entity]['Id']}")
    for entity in ("Purchase", "Deposit", "JournalEntry"):
        gone = company.ask(entity.lower(), {"Id": kept[entity]["Id"], "SyncToken": kept[entity]["SyncToken"]}, operation="delete")
        assert gone[entity]["status"] == "Deleted", gone
    invoice = next(one for one in company.every("Invoice") if one["Balance"] == one["TotalAmt"] > 0)
    company.ask("invoice", {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"]}, operation="void")
    batch = {"BatchItemRequest": [{"bId": "1", "operation": "create", "Purchase": bodies["Purchase"]}, {"bId": "2", "operation": "create", "Purchase": {}}]}
    company.ask("batch", batch)
    company.ask("purchase", {})
    company.ask("query", query="select * from Cheese")
    since = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).isoformat(timespec="seconds")
    company.ask("cdc", entities=",".join(one for one in ENTITIES if one not in ("CompanyInfo", "Preferences")), changedSince=since)


counts = {}
for currency in ("GBP", "USD"):
    company = Company(currency)
    writes(company)
    for entity in ENTITIES:
        records = company.every(entity)
        counts[entity] = counts.get(entity, 0) + len(records)
        if records and entity not in ("Preferences",):
            company.ask(f"{entity.lower()}/{records[0]['Id']}")
    for report in ("BalanceSheet", "ProfitAndLoss", "TrialBalance", "CashFlow"):
        company.ask(f"reports/{report}", start_date="2026-01-01", end_date="2026-06-30", **({} if report == "TrialBalance" else {"summarize_column_by": "Month"}))
assert all(counts.values()), counts

found, problems = problems, {}
# The comparison has to see something: a name, a number, an enumeration, a date and a list that are not the XSD's.
for entity, wrong in [
    ("Purchase", {"Total": 1}),
    ("Purchase", {"TotalAmt": "1.00"}),
    ("Purchase", {"PaymentType": "Barter"}),
    ("Purchase", {"TxnDate": "5.3.2026"}),
    ("Purchase", {"Line": {}}),
    ("Purchase", {"Credit": "true"}),
    ("Purchase", {"AccountRef": {"Value": "1"}}),
    ("Customer", {"MetaData": {"CreateTime": "yesterday"}}),
]:
    before = len(problems)
    compare(wrong, schema.types[entity], entity)
    assert len(problems) == before + 1, (entity, wrong)

for (where, what), places in sorted(found.items()):
    print(f"         {where} {what} ({len(places)} times)")
print(f"         {compared} answers with {sum(counts.values())} records, {len(seen)} names compared, {len(found)} deviations")
raise SystemExit(1 if found else 0)
