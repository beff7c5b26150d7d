"""codat-sync-for-expenses 6.2.0, unmodified: "Syncing expenses" with datasets, on Xero and on QuickBooks Online.

Its clients know only `expenses` for the document's rows: the app's setting `compat.integrationType` says so.
"""

import base64
from decimal import Decimal

import world
from codatsyncexpenses import CodatSyncExpenses
from codatsyncexpenses.models import errors, operations, shared
from expenses import NOWHERE, PLATFORMS, RECEIPT, Books, Choices, ended, linked, transaction_id

authorization = "Basic " + base64.b64encode(world.KEY.encode()).decode()
sdk = CodatSyncExpenses(security=shared.Security(auth_header=authorization), server_url=world.BASE)
Kind = shared.ExpenseTransactionType


def refused(status, call, request):
    """The call has to end in the client's own exception; gives it."""
    try:
        call(request)
    except errors.ErrorMessage as refusal:
        assert refusal.status_code == status, refusal
        return refusal
    raise SystemExit(f"{call} was not refused")


def expense(kind, choices, net, **more):
    moves = kind in (Kind.TRANSFER_IN, Kind.TRANSFER_OUT)
    line = shared.ExpenseTransactionLine(
        account_ref=shared.RecordRef(id=choices.banks[1] if moves else choices.cost),
        net_amount=Decimal(net),
        tax_amount=Decimal("0"),
    )
    return shared.ExpenseTransaction(
        **{
            "id": transaction_id(),
            "type": kind,
            "issue_date": "2026-03-05T00:00:00Z",
            "currency": "GBP",
            "merchant_name": "Harbour Stationers",
            "lines": [line],
            "notes": "paper",
            **more,
        }
    )


def check(platform):
    company = sdk.companies.create(shared.CompanyRequestBody(name=f"Expenses on {platform}")).company.id
    of = {"company_id": company}
    made = sdk.connections.create(
        operations.CreateConnectionRequest(request_body=operations.CreateConnectionRequestBody(platform_key=PLATFORMS[platform]), **of)
    ).connection
    organisation = linked(company, made.link_url, platform)
    partner = sdk.connections.create_partner_expense_connection(operations.CreatePartnerExpenseConnectionRequest(**of)).connection
    assert (partner.status.value, partner.source_type.value) == ("Linked", "Expense"), partner
    listed = sdk.connections.list(operations.ListConnectionsRequest(**of)).connections.results
    assert {one.id for one in listed} == {made.id, partner.id}, listed

    refused(404, sdk.configuration.get, operations.GetCompanyConfigurationRequest(**of))
    options = sdk.configuration.get_mapping_options(operations.GetMappingOptionsRequest(**of)).mapping_options
    choices = Choices(company, made.id, options)
    supplier = sdk.suppliers.list(operations.ListSuppliersRequest(**of)).suppliers.results[0].id
    customer = sdk.customers.list(operations.ListCustomersRequest(**of)).customers.results[0].id
    wanted = shared.CompanyConfiguration(
        bank_account=shared.BankAccount(id=choices.banks[0]),
        supplier=shared.SupplierDetails(id=supplier),
        customer=shared.CustomerDetails(id=customer),
    )
    chosen = sdk.configuration.set(operations.SetCompanyConfigurationRequest(company_configuration=wanted, **of)).company_configuration
    assert chosen == sdk.configuration.get(operations.GetCompanyConfigurationRequest(**of)).company_configuration == wanted, chosen

    def dataset(*items):
        body = shared.CreateExpenseRequest(items=list(items))
        return sdk.expenses.create(operations.CreateExpenseTransactionRequest(create_expense_request=body, **of)).create_expense_response.dataset_id

    def begin(*datasets):
        body = shared.InitiateSync(dataset_ids=list(datasets))
        return sdk.sync.initiate_sync(operations.InitiateSyncRequest(initiate_sync=body, **of)).sync_initiated.sync_id

    def finish(sync):
        return ended(lambda: sdk.sync.get(operations.GetSyncByIDRequest(sync_id=sync, **of)).company_sync_status)

    def rows(sync):
        request = operations.ListSyncTransactionsRequest(sync_id=sync, page=1, page_size=100, **of)
        return sdk.transaction_status.list(request).transactions.results

    # All eight types; one names its own account, supplier, tax and tracking.
    books = Books(organisation)
    items = [expense(kind, choices, f"{10 + number}.05") for number, kind in enumerate(Kind)]
    tracking = next(one.id for one in options.tracking_categories if one.parent_id or platform != "xero")
    full = expense(
        Kind.PAYMENT,
        choices,
        "100.00",
        contact_ref=shared.ContactRef(id=supplier, type=shared.Type.SUPPLIER),
        bank_account_ref=shared.ExpenseTransactionBankAccountReference(id=choices.banks[1]),
    )
    (line,) = full.lines
    line.tax_amount, line.tax_rate_ref = Decimal("20.00"), shared.RecordRef(id=choices.rate)
    line.tracking_refs = [shared.TrackingRef(id=tracking, data_type=shared.TrackingRefDataType.TRACKING_CATEGORIES)]
    sync = begin(dataset(*items), dataset(full))
    status = finish(sync)
    assert (status.sync_status_code, status.sync_status, status.data_pushed) == (2000, "Complete", True), (status, rows(sync))
    assert (status.company_id, status.sync_id, status.error_message) == (company, sync, "")
    latest = sdk.sync.get_latest_sync(operations.GetLatestSyncRequest(**of)).company_sync_status
    good = sdk.sync.get_last_successful_sync(operations.GetLastSuccessfulSyncRequest(**of)).company_sync_status
    every = sdk.sync.list(operations.ListSyncsRequest(**of)).classes
    assert latest == good == status and every == [status], (latest, good, every)
    found = {row.transaction_id: (row.status.value, row.integration_type.value) for row in rows(sync)}
    assert found == {one.id: ("Completed", "expenses") for one in [*items, full]}, found
    one = operations.GetSyncTransactionRequest(sync_id=sync, transaction_id=full.id, **of)
    (row,) = sdk.transaction_status.get(one).transaction_response
    assert row.transaction_id == full.id, row
    arrived = books.added()
    amounts = sorted(row["totalAmount"] if "totalAmount" in row else max(line["amount"] for line in row["lines"]) for _, row in arrived)
    assert amounts == [*(10.05 + number for number in range(8)), 120.0], arrived
    operation = sdk.push_operations.get(operations.GetPushOperationRequest(push_operation_key=sync, **of)).push_operation
    assert operation.status.value == "Success" and len(operation.changes) == 9, operation
    assert {change.record_ref.id for change in operation.changes} == {row["id"] for _, row in arrived}, operation
    assert sdk.push_operations.list(operations.ListPushOperationsRequest(**of)).push_operations.results == [operation]
    print(f"         {platform}: {', '.join(sorted({kind for kind, _ in arrived}))}")

    # A receipt, twice: one file.
    before = books.files()
    upload = operations.UploadExpenseAttachmentRequest(
        sync_id=sync,
        transaction_id=full.id,
        attachment_upload=shared.AttachmentUpload(file=shared.CodatFile(content=RECEIPT, file_name="receipt.pdf")),
        **of,
    )
    kept = [sdk.attachments.upload(upload).attachment for _ in range(2)]
    assert kept[0] == kept[1] and kept[0].id and kept[0].transaction_id == full.id and kept[0].company_id == company, kept
    assert books.files() == before + 1, "one file"

    # Corrected afterwards: the same record.
    body = shared.UpdateExpenseRequest(
        type="Payment", issue_date="2026-03-06T00:00:00Z", currency="GBP", merchant_name="Harbour Stationers", lines=full.lines, notes="more paper"
    )
    body.lines[0].net_amount, body.lines[0].tax_amount = Decimal("110.00"), Decimal("22.00")
    request = operations.UpdateExpenseTransactionRequest(transaction_id=full.id, update_expense_request=body, **of)
    status = finish(sdk.expenses.update(request).update_expense_response.sync_id)
    assert status.sync_status_code == 2000, status
    assert not books.added(), "an update adds nothing"
    assert [row["totalAmount"] for (kind, _), row in books.before.items() if row.get("totalAmount") == 132.0] == [132.0]

    # What was written before is not written again.
    status = finish(begin(dataset(items[0])))
    assert (status.sync_status_code, status.data_pushed) == (5080, False), status
    assert items[0].id in status.error_message and not books.added(), status

    # One that cannot be booked is told of, corrected, and sent again under its own id: once.
    wrong = expense(Kind.PAYMENT, choices, "77.00")
    wrong.lines[0].account_ref = shared.RecordRef(id=NOWHERE)
    sync = begin(dataset(wrong))
    status = finish(sync)
    (row,) = rows(sync)
    assert status.sync_status_code == 5120 and row.status.value == "ValidationError", (status, row)
    assert NOWHERE in row.message and not books.added(), row
    wrong.lines[0].account_ref = shared.RecordRef(id=choices.cost)
    assert finish(begin(dataset(wrong))).sync_status_code == 2000
    assert [row["totalAmount"] for _, row in books.added()] == [77.0]

    # The call of the second version that this client has too.
    side = lambda account: shared.TransferDetails(account_ref=shared.AccountRef(id=account), amount=Decimal("30"))
    body = shared.CreateTransferRequest(date_="2026-03-07T00:00:00Z", description="top up", from_=side(choices.banks[0]), to=side(choices.banks[1]))
    request = operations.CreateTransferTransactionRequest(transaction_id=transaction_id(), create_transfer_request=body, **of)
    assert finish(sdk.transfers.create(request).create_transfer_response.sync_id).sync_status_code == 2000
    assert [(kind, row["totalAmount"]) for kind, row in books.added()] == [("transfers", 30.0)]

    # Refusals are the client's own exceptions, with what is wrong and where.
    body = shared.CreateExpenseRequest(items=[expense(Kind.PAYMENT, choices, "5000000.01")])
    refusal = refused(400, sdk.expenses.create, operations.CreateExpenseTransactionRequest(create_expense_request=body, **of))
    (problem,) = refusal.validation.errors
    assert problem.item_id == "Items[0].Lines[0].NetAmount", problem
    assert problem.message == "The field NetAmount must be between 0 and 5000000.", problem
    body = shared.InitiateSync(dataset_ids=[NOWHERE])
    refused(400, sdk.sync.initiate_sync, operations.InitiateSyncRequest(initiate_sync=body, **of))
    refused(404, sdk.sync.get, operations.GetSyncByIDRequest(sync_id=NOWHERE, **of))
    refused(404, sdk.sync.get_latest_sync, operations.GetLatestSyncRequest(company_id=NOWHERE))
    sdk.connections.delete(operations.DeleteConnectionRequest(connection_id=partner.id, **of))
    body = shared.InitiateSync(dataset_ids=[dataset(expense(Kind.PAYMENT, choices, "1"))])
    refused(422, sdk.sync.initiate_sync, operations.InitiateSyncRequest(initiate_sync=body, **of))
    sdk.companies.delete(operations.DeleteCompanyRequest(**of))


for platform in PLATFORMS:
    check(platform)
