// @codat/sync-for-expenses, unmodified: datasets, syncs, their transactions and attachments, in the words of the vendor's documents.
// Usage: node codat_expenses.js FOLDER_WITH_THE_PACKAGE; the environment has BASE, KEY, SANDBOX and LEDGERLINE.
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const crypto = require("node:crypto");
const { createRequire } = require("node:module");
const path = require("node:path");
const { BASE, KEY, SANDBOX, LEDGERLINE } = process.env;
const { CodatSyncExpenses } = createRequire(path.join(path.resolve(process.argv[2]), "here.js"))("@codat/sync-for-expenses");

const sdk = new CodatSyncExpenses({
  security: { authHeader: `Basic ${Buffer.from(KEY).toString("base64")}` },
  serverURL: BASE,
});

const control = async (method, where, body) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${SANDBOX}/_sandbox/${where}`, { method, headers, body: body && JSON.stringify(body) });
  return answer.json();
};

const until = async (what, ask) => {
  for (let turn = 0; turn < 600; turn += 1) {
    const found = await ask();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`waited in vain for ${what}`);
};

const TYPES = ["directCosts", "directIncomes", "transfers", "journalEntries"];

// What an independent reader of the simulator's ledger sees: the ids of all that is in the books.
const books = async (organisation) => {
  const found = new Map();
  for (const type of TYPES) {
    for (const row of (await control("GET", `organisations/${organisation}/ledger?dataType=${type}`)).results) {
      if (!row.deleted) found.set(`${type}/${row.id}`, row);
    }
  }
  return found;
};

const check = async (platform, platformKey) => {
  const company = (await sdk.companies.create({ name: `Expenses on ${platform}` })).company;
  const companyId = company.id;
  const { connection } = await sdk.connections.create({ companyId, requestBody: { platformKey } });
  const wanted = { platform, seed: 3, months: 14, invoices: 40, limits: "off", latency_ms: 0 };
  const organisation = (await control("POST", "organisations", wanted)).id;
  execFileSync(LEDGERLINE, ["sandbox", "approve", connection.linkUrl, "--organisation", organisation]);
  await until("the first read", async () => {
    const found = Object.values((await sdk.manageData.get({ companyId })).dataStatusResponse).map((one) => one.currentStatus);
    return found.includes("Complete") && found.every((status) => status === "Complete" || status === "NotSupported");
  });
  const partner = (await sdk.connections.createPartnerExpenseConnection({ companyId })).connection;
  assert.deepEqual([partner.status, partner.sourceType], ["Linked", "Expense"]);

  const options = (await sdk.configuration.getMappingOptions({ companyId })).mappingOptions;
  const account = (name) => options.accounts.find((one) => one.name === name);
  const cost = account("Office supplies");
  assert.deepEqual(cost.validTransactionTypes, ["Payment", "Refund", "Reward", "Chargeback"]);
  const banks = platform === "xero" ? ["Current account", "Savings account"] : ["Checking", "Savings"];
  const [bank, other] = banks.map((name) => account(name).id);
  const supplier = (await sdk.suppliers.list({ companyId })).suppliers.results[0].id;
  const customer = (await sdk.customers.list({ companyId })).customers.results[0].id;
  const companyConfiguration = { bankAccount: { id: bank }, supplier: { id: supplier }, customer: { id: customer } };
  assert.equal((await sdk.configuration.set({ companyId, companyConfiguration })).statusCode, 200);
  const kept = (await sdk.configuration.get({ companyId })).companyConfiguration;
  assert.deepEqual([kept.bankAccount.id, kept.supplier.id, kept.customer.id], [bank, supplier, customer]);

  const expense = (type, netAmount) => ({
    id: crypto.randomUUID(),
    type,
    issueDate: "2026-03-05T00:00:00.000Z",
    currency: "GBP",
    merchantName: "Harbour Stationers",
    lines: [{ accountRef: { id: type.startsWith("Transfer") ? other : cost.id }, netAmount, taxAmount: 0 }],
    notes: "paper",
  });
  const sync = async (...items) => {
    const made = await sdk.expenses.create({ companyId, createExpenseRequest: { items } });
    assert.equal(made.statusCode, 200);
    const begun = await sdk.sync.initiateSync({ companyId, initiateSync: { datasetIds: [made.createExpenseResponse.datasetId] } });
    assert.equal(begun.statusCode, 202);
    const { syncId } = begun.syncInitiated;
    const status = await until("the sync", async () => {
      const { companySyncStatus } = await sdk.sync.get({ companyId, syncId });
      return companySyncStatus.syncStatusCode >= 2000 && companySyncStatus;
    });
    const { transactions } = await sdk.transactionStatus.list({ companyId, syncId, page: 1, pageSize: 100 });
    return { syncId, status, rows: transactions.results };
  };

  const before = await books(organisation);
  const kinds = ["Payment", "Refund", "Reward", "Chargeback", "TransferIn", "TransferOut", "AdjustmentIn", "AdjustmentOut"];
  const items = kinds.map((kind, number) => expense(kind, 20.25 + number));
  const { syncId, status, rows } = await sync(...items);
  assert.deepEqual([status.syncStatusCode, status.syncStatus, status.dataPushed], [2000, "Complete", true], JSON.stringify([status, rows]));
  assert.deepEqual((await sdk.sync.getLatestSync({ companyId })).companySyncStatus, status);
  assert.deepEqual((await sdk.sync.getLastSuccessfulSync({ companyId })).companySyncStatus, status);
  // As the vendor's documents print it, not as its description has it.
  assert.deepEqual(new Set(rows.map((row) => row.integrationType)), new Set(["expense"]));
  assert.deepEqual(rows.map((row) => row.transactionId).sort(), items.map((item) => item.id).sort());
  const one = await sdk.transactionStatus.get({ companyId, syncId, transactionId: items[0].id });
  // Described as one transaction, printed by the vendor's documents as a list: the client gives what came.
  assert.equal([one.transaction].flat()[0].status, "Completed");
  const after = await books(organisation);
  const added = [...after.keys()].filter((id) => !before.has(id));
  assert.equal(added.length, 8, "each once");

  const requestBody = { content: new Uint8Array(Buffer.from("%PDF-1.4 receipt")), requestBody: "receipt.pdf" };
  const uploaded = await sdk.expenses.uploadAttachment({ companyId, syncId, transactionId: items[0].id, requestBody });
  assert.equal(uploaded.statusCode, 200);
  assert.equal(uploaded.attachment.transactionId, items[0].id);

  const again = await sync(items[0]);
  assert.deepEqual([again.status.syncStatusCode, again.status.dataPushed], [5080, false]);
  const wrong = expense("Payment", 9);
  wrong.lines[0].accountRef.id = "00000000-0000-4000-8000-000000000000";
  const failed = await sync(wrong);
  assert.deepEqual([failed.status.syncStatusCode, failed.rows[0].status], [5120, "ValidationError"]);
  assert.deepEqual((await books(organisation)).size, after.size);
  const refused = await sdk.expenses.create({ companyId, createExpenseRequest: { items: [expense("Payment", 5000000.01)] } });
  assert.equal(refused.statusCode, 400);
  assert.match(refused.errorMessage.error, /^There are problems with the request/);
  console.log(`         ${platform}: ${[...new Set(added.map((id) => id.split("/")[0]))].sort().join(", ")}`);
};

(async () => {
  await check("xero", "gbol");
  await check("quickbooks_online", "qhyg");
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
