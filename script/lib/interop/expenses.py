"""What the checks of expenses share: who books where, what an account of theirs is good for, and what has arrived in the books."""

import uuid

import world

PLATFORMS = {"xero": "gbol", "quickbooks_online": "qhyg"}
RECEIPT = b"%PDF-1.4 receipt"
NOWHERE = "00000000-0000-4000-8000-000000000000"


def transaction_id():
    return str(uuid.uuid4())


def all_read(company):
    """Whether the first read of the company's books has ended, and well."""
    found = {one["currentStatus"] for one in world.api("GET", f"/companies/{company}/dataStatus").values()}
    assert not any(status.endswith("Error") for status in found), found
    return found <= {"Complete", "NotSupported"} and "Complete" in found


def linked(company, link_url, platform):
    """The customer consents; the organisation, once its books are read."""
    organisation = world.organisation(invoices=40, platform=platform)
    world.approve(link_url, organisation)

    def read():
        return all_read(company)

    world.until(read)
    return organisation


class Choices:
    """Accounts and a tax rate by their parts, chosen from mapping options as the SDK gave them."""

    def __init__(self, company, connection, options):
        banks = world.api("GET", f"/companies/{company}/connections/{connection}/data/bankAccounts")["results"]
        accounts = {account.id: account for account in options.accounts}
        self.banks = [bank["id"] for bank in banks if bank["currency"] == accounts[bank["id"]].currency == "GBP"][:2]
        assert len(self.banks) == 2, banks
        named = {account.name: account for account in options.accounts}
        self.cost, self.income = named["Office supplies"].id, named["Sundry income"].id
        assert named["Office supplies"].account_type in ("Expense",), named["Office supplies"]
        self.rate = next(rate for rate in options.tax_rates if rate.effective_tax_rate == 20).id
        assert options.tracking_categories, options


def ended(ask):
    """Wait for the sync to end; its last status."""

    def sync_has_ended():
        status = ask()
        return status if status.sync_status_code >= 2000 else None

    return world.until(sync_has_ended)


class Books:
    """What an independent reader of the simulator's ledger sees."""

    TYPES = ("directCosts", "directIncomes", "transfers", "journalEntries", "bills")

    def __init__(self, organisation):
        self.organisation = organisation
        self.before = self.rows()

    def rows(self):
        found = {}
        for kind in self.TYPES:
            rows = world.control("GET", f"organisations/{self.organisation}/ledger?dataType={kind}")["results"]
            found.update({(kind, row["id"]): row for row in rows if not row["deleted"]})
        return found

    def added(self):
        """What has come since the last time: (data type, row)."""
        now = self.rows()
        new = [(key[0], row) for key, row in now.items() if key not in self.before]
        self.before = now
        return new

    def files(self):
        """How many files were handed to the platform."""
        asked = world.control("GET", f"organisations/{self.organisation}/requests")["requests"]
        return sum("/Attachments/" in one["path"] or one["path"].endswith("/upload") for one in asked)
