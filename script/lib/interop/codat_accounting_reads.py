"""codat-accounting, unmodified: every data type that the platform gives, listed with a query."""

import base64

import world
from codat_accounting import CodatAccounting
from codat_accounting.models import shared

authorization = "Basic " + base64.b64encode(world.KEY.encode()).decode()
accounting = CodatAccounting(security=shared.Security(auth_header=authorization), server_url=world.BASE)

company = world.api("POST", "/companies", {"name": "Willow Interiors"})["id"]
connection = world.api("POST", f"/companies/{company}/connections", {"platformKey": "gbol"})
world.approve(connection["linkUrl"], world.organisation())


def all_complete():
    statuses = world.api("GET", f"/companies/{company}/dataStatus").values()
    found = {status["dataType"]: status["currentStatus"] for status in statuses}
    bad = {name: status for name, status in found.items() if status.endswith("Error")}
    assert not bad, bad
    return set(found.values()) <= {"Complete", "NotSupported"} and "Complete" in found.values()


world.until(all_complete)

at_the_company = (
    "accounts bill_credit_notes bill_payments bills credit_notes customers invoices items journal_entries "
    "payments purchase_orders suppliers tax_rates tracking_categories"
)
at_the_connection = "account_transactions bank_accounts direct_costs direct_incomes transfers"
for name in at_the_company.split():
    page = getattr(accounting, name).list(
        request={"company_id": company, "query": "metadata.isDeleted!=true", "page_size": 500}
    )
    assert page.results, name
    print(f"         {name}: {page.total_results}")
for name in at_the_connection.split():
    page = getattr(accounting, name).list(
        request={
            "company_id": company,
            "connection_id": connection["id"],
            "query": "metadata.isDeleted!=true",
            "page_size": 500,
        }
    )
    assert page.results, name
    print(f"         {name}: {page.total_results}")
assert accounting.company_info.get(request={"company_id": company}).company_name
