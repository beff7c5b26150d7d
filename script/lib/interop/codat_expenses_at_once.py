"""codat-sync-for-expenses 9.0.0, unmodified: expenses that are synced as they are handed over, on Xero and on QuickBooks Online.

Its clients know only `expenses` for the document's rows: the app's setting `compat.integrationType` says so.
"""

import base64
from decimal import Decimal

import world
from codat_sync_for_expenses import CodatSyncExpenses
from codat_sync_for_expenses.models import errors, shared
from expenses import NOWHERE, PLATFORMS, RECEIPT, Books, Choices, ended, linked, transaction_id

authorization = "Basic " + base64.b64encode(world.KEY.encode()).decode()
sdk = CodatSyncExpenses(security=shared.Security(auth_header=authorization), server_url=world.BASE)


def refused(status, call, **request):
    """The call has to end in the client's own exception; gives what it says."""
    try:
        call(request=request)
    except errors.ErrorMessage as refusal:
        assert refusal.status_code == status, refusal
        return refusal.data
    raise SystemExit(f"{call} was not refused")


def expense(kind, choices, net, **more):
    line = {"net_amount": Decimal(net), "tax_amount": Decimal("0"), "account_ref": {"id": choices.cost}}
    return {
        "id": transaction_id(),
        "type": kind,
        "issue_date": "2026-03-05",
        "currency": "GBP",
        "merchant_name": "Harbour Stationers",
        "lines": [line],
        **more,
    }


def check(platform):
    company = sdk.companies.create(request={"name": f"Expenses on {platform}"}).id
    of = {"company_id": company}
    made = sdk.connections.create(request={"request_body": {"platform_key": PLATFORMS[platform]}, **of})
    organisation = linked(company, made.link_url, platform)
    partner = sdk.connections.create_partner_expense_connection(request=of)
    assert (partner.status, partner.source_type) == ("Linked", "Expense"), partner
    assert {one.id for one in sdk.connections.list(request=of).results} == {made.id, partner.id}
    statuses = sdk.manage_data.get(request=of)
    assert statuses.suppliers.current_status == "Complete", statuses

    refused(404, sdk.configuration.get, **of)
    options = sdk.mapping_options.get_mapping_options(request=of)
    choices = Choices(company, made.id, options)
    assert all(account.valid_for for account in options.accounts), options.accounts
    supplier = sdk.suppliers.list(request=of).results[0].id
    customer = sdk.customers.list(request=of).results[0].id
    wanted = {"bank_account": {"id": choices.banks[0]}, "supplier": {"id": supplier}, "customer": {"id": customer}}
    chosen = sdk.configuration.set(request={"company_configuration": wanted, **of})
    assert chosen == sdk.configuration.get(request=of) and chosen.bank_account.id == choices.banks[0], chosen

    def finish(made):
        return ended(lambda: sdk.sync.get(request={"sync_id": made.sync_id, **of}))

    def create(*items):
        return sdk.expenses.create(request={"request_body": list(items), **of})

    def rows(sync):
        return sdk.transaction_status.list(request={"sync_id": sync, **of}).results

    # The four kinds; one names its own account, supplier, tax, tracking and customer.
    books = Books(organisation)
    items = [expense(kind, choices, f"{10 + number}.05") for number, kind in enumerate(["Payment", "Refund", "Reward", "Chargeback"])]
    full = expense("Payment", choices, "100.00", bank_account_ref={"id": choices.banks[1]}, contact_ref={"id": supplier, "type": "Supplier"})
    tracking = next(one.id for one in options.tracking_categories if one.parent_id or platform != "xero")
    full["lines"][0] |= {
        "tax_amount": Decimal("20.00"),
        "tax_rate_ref": {"id": choices.rate},
        "tracking_refs": [{"id": tracking, "data_type": "trackingCategories"}],
    }
    sync = create(*items, full)
    assert sync.sync_id, sync
    status = finish(sync)
    assert (status.sync_status_code, status.sync_status, status.data_pushed) == (2000, "Complete", True), (status, rows(sync.sync_id))
    assert sdk.sync.get_latest_sync(request=of) == sdk.sync.get_last_successful_sync(request=of) == status
    assert sdk.sync.list(request=of) == [status]
    found = {row.transaction_id: (row.status, row.integration_type) for row in rows(sync.sync_id)}
    assert found == {one["id"]: ("Completed", "expenses") for one in [*items, full]}, found
    (row,) = sdk.transaction_status.get(request={"sync_id": sync.sync_id, "transaction_id": full["id"], **of})
    assert row.transaction_id == full["id"], row
    arrived = books.added()
    assert sorted(row["totalAmount"] for _, row in arrived) == [10.05, 11.05, 12.05, 13.05, 120.0], arrived
    operation = sdk.push_operations.get(request={"push_operation_key": sync.sync_id, **of})
    assert operation.status == "Success", operation
    assert {change.record_ref.id for change in operation.changes} == {row["id"] for _, row in arrived}, operation

    before = books.files()
    upload = {
        "sync_id": sync.sync_id,
        "transaction_id": full["id"],
        "attachment_upload": {"file": {"file_name": "receipt.pdf", "content": RECEIPT, "content_type": "application/pdf"}},
        **of,
    }
    kept = [sdk.attachments.upload(request=upload) for _ in range(2)]
    assert kept[0] == kept[1] and kept[0].id and kept[0].transaction_id == full["id"], kept
    assert books.files() == before + 1, "one file"

    update = {name: full[name] for name in ("type", "currency", "merchant_name", "lines")} | {"issue_date": "2026-03-06"}
    update["lines"] = [full["lines"][0] | {"net_amount": Decimal("110.00"), "tax_amount": Decimal("22.00")}]
    status = finish(sdk.expenses.update(request={"transaction_id": full["id"], "update_expense_request": update, **of}))
    assert status.sync_status_code == 2000, status
    assert not books.added(), "an update adds nothing"
    assert sum(row.get("totalAmount") == 132.0 for row in books.before.values()) == 1

    # Again, and with one that is new: that one is written.
    new = expense("Payment", choices, "55.00")
    status = finish(create(items[0], new))
    assert (status.sync_status_code, status.data_pushed) == (5080, True), status
    assert [row["totalAmount"] for _, row in books.added()] == [55.0]

    # Money from one account to another.
    side = lambda account: {"account_ref": {"id": account}, "amount": Decimal("30")}
    transfer = {"date_": "2026-03-07", "description": "top up", "from_": side(choices.banks[0]), "to": side(choices.banks[1])}
    made_transfer = sdk.transfers.create(request={"transaction_id": transaction_id(), "transfer_transaction_request": transfer, **of})
    assert finish(made_transfer).sync_status_code == 2000
    ((kind, row),) = books.added()
    assert (kind, row["totalAmount"], row["account"]["id"], row["toAccount"]["id"]) == ("transfers", 30.0, *choices.banks), row

    # One account against another, without a bank.
    lines = [{"amount": Decimal(amount), "account_ref": {"id": account}} for amount, account in (("12.5", choices.cost), ("-12.5", choices.income))]
    adjustment = {"id": transaction_id(), "date_": "2026-03-08", "currency": "GBP", "reference": "odd pence", "lines": lines}
    status = finish(sdk.adjustments.create(request={"request_body": [adjustment], **of}))
    assert status.sync_status_code == 2000, (status, rows(status.sync_id))
    ((kind, row),) = books.added()
    signed = {line["account"]["id"]: line["amount"] for line in row["lines"]}
    assert (kind, signed) == ("journalEntries", {choices.cost: 12.5, choices.income: -12.5}), row

    # What is owed to an employee.
    line = {"description": "to York", "net_amount": Decimal("40"), "tax_amount": Decimal("8"), "tax_rate_ref": {"id": choices.rate}, "account_ref": {"id": choices.cost}}
    owed = {
        "id": transaction_id(),
        "contact_ref": {"id": supplier},
        "issue_date": "2026-03-09",
        "due_date": "2026-04-09",
        "currency": "GBP",
        "reference": "trip",
        "notes": "train",
        "lines": [line],
    }
    status = finish(sdk.reimbursements.create(request={"request_body": [owed], **of}))
    (row,) = rows(status.sync_id)
    if platform == "xero":
        assert (status.sync_status_code, row.status) == (5120, "ValidationError"), (status, row)
        assert not books.added()
    else:
        assert (status.sync_status_code, row.status) == (2000, "Completed"), (status, row)
        ((kind, row),) = books.added()
        assert (kind, row["totalAmount"], row["date"], row["dueDate"], row["contact"]["id"]) == ("bills", 48.0, "2026-03-09", "2026-04-09", supplier), row
        changed = {name: value for name, value in owed.items() if name != "id"} | {"lines": [line | {"net_amount": Decimal("50"), "tax_amount": Decimal("10")}]}
        request = {"transaction_id": owed["id"], "update_reimbursable_expense_transaction_request": changed, **of}
        status = finish(sdk.reimbursements.update(request=request))
        assert status.sync_status_code == 2000, status
        assert not books.added() and sum(row.get("totalAmount") == 60.0 for (kind, _), row in books.before.items() if kind == "bills") == 1

    # Refusals are the client's own exceptions, with what is wrong and where.
    refusal = refused(400, sdk.expenses.create, request_body=[expense("Payment", choices, "5000000.01")], **of)
    assert refusal.validation.errors[0].message == "The field NetAmount must be between 0 and 5000000.", refusal
    refused(404, sdk.sync.get, sync_id=NOWHERE, **of)
    refused(404, sdk.configuration.get, company_id=NOWHERE)
    wrong = expense("Payment", choices, "77.00")
    wrong["lines"][0]["account_ref"] = {"id": NOWHERE}
    status = finish(create(wrong))
    (row,) = rows(status.sync_id)
    assert (status.sync_status_code, row.status) == (5120, "ValidationError") and NOWHERE in row.message, (status, row)
    assert not books.added()
    print(f"         {platform}: cards, transfers, adjustments" + ("" if platform == "xero" else ", reimbursements"))
    sdk.companies.delete(request=of)


for platform in PLATFORMS:
    check(platform)
