// node-quickbooks, unmodified, as a client of the simulator: queries in small letters, writes, changes, reports, refusals.
// Usage: node quickbooks_sdk.js FOLDER_WITH_THE_PACKAGE; the environment has SANDBOX.
const assert = require("node:assert/strict");
const { createRequire } = require("node:module");
const path = require("node:path");
const QuickBooks = createRequire(path.join(path.resolve(process.argv[2]), "here.js"))("node-quickbooks");

const base = `${process.env.SANDBOX}/quickbooks_online`;
QuickBooks.V3_ENDPOINT_BASE_URL = `${base}/v3/company/`;
QuickBooks.TOKEN_URL = `${base}/oauth2/v1/tokens/bearer`;
QuickBooks.REVOKE_URL = `${base}/v2/oauth2/tokens/revoke`;

const control = async (method, where, body) => {
  const answer = await fetch(`${process.env.SANDBOX}/_sandbox/${where}`, { method, body: body && JSON.stringify(body) });
  return answer.json();
};

// What a browser and an app's callback do: consent, and trade the code.
const consent = async (organisation) => {
  const asked = {
    response_type: "code", client_id: "sandbox-client", redirect_uri: "http://localhost/callback",
    scope: "com.intuit.quickbooks.accounting", state: "s", organisation, decision: "allow",
  };
  const led = await fetch(`${base}/connect/oauth2`, { method: "POST", body: new URLSearchParams(asked), redirect: "manual" });
  const told = new URL(led.headers.get("location")).searchParams;
  const answer = await fetch(QuickBooks.TOKEN_URL, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from("sandbox-client:sandbox-secret").toString("base64")}` },
    body: new URLSearchParams({ grant_type: "authorization_code", code: told.get("code"), redirect_uri: asked.redirect_uri }),
  });
  return { realm: told.get("realmId"), ...(await answer.json()) };
};

// What the platform answered, however the client hands it on.
const body = (error) => error.response?.data ?? error;

const ask = (client, name, ...rest) =>
  new Promise((done, failed) => client[name](...rest, (error, found) => (error ? failed(error) : done(found))));

(async () => {
  const made = await control("POST", "organisations", {
    platform: "quickbooks_online", seed: 4, months: 6, invoices: 150, currency: "USD", limits: "off",
  });
  const tokens = await consent(made.id);
  assert.equal(tokens.realm, made.remote_id);
  const qb = new QuickBooks(
    "sandbox-client", "sandbox-secret", tokens.access_token, false, tokens.realm, true, false, 75, "2.0", tokens.refresh_token,
  );

  const info = await ask(qb, "getCompanyInfo", tokens.realm);
  assert.equal(info.CompanyName, made.name);
  for (const name of ["Accounts", "Bills", "Customers", "Invoices", "Items", "JournalEntries", "Payments", "Purchases", "Vendors"]) {
    const found = await ask(qb, `find${name}`, { fetchAll: true });
    const [list] = Object.values(found.QueryResponse).filter(Array.isArray);
    const ids = new Set(list.map((record) => record.Id));
    assert.ok(list.length > 0 && ids.size === list.length, name);
    console.log(`         ${name}: ${list.length}`);
  }
  const counted = await ask(qb, "findInvoices", { count: true });
  assert.ok(counted.QueryResponse.totalCount > 100);
  const like = await ask(qb, "findVendors", [{ field: "DisplayName", value: "%a%", operator: "LIKE" }, { field: "limit", value: 5 }]);
  assert.ok(like.QueryResponse.Vendor.length <= 5);

  const card = (await ask(qb, "findAccounts", { AccountType: "Credit Card" })).QueryResponse.Account[0];
  const cost = (await ask(qb, "findAccounts", { AccountType: "Expense" })).QueryResponse.Account[0];
  const purchase = () => ({
    PaymentType: "CreditCard", AccountRef: { value: card.Id }, DocNumber: "EXP-7",
    Line: [{
      DetailType: "AccountBasedExpenseLineDetail", Amount: 12.3,
      AccountBasedExpenseLineDetail: { AccountRef: { value: cost.Id } },
    }],
  });
  const before = (await ask(qb, "findPurchases", { count: true })).QueryResponse.totalCount;
  const first = await ask(qb, "createPurchase", { ...purchase(), requestId: "node-1" });
  const second = await ask(qb, "createPurchase", { ...purchase(), requestId: "node-1" });
  assert.equal(first.Id, second.Id);
  const after = (await ask(qb, "findPurchases", { count: true })).QueryResponse.totalCount;
  assert.equal(after, before + 1, "one name, one record");
  const changed = await ask(qb, "updatePurchase", { ...first, PrivateNote: "changed" });
  assert.equal(changed.PrivateNote, "changed");
  await assert.rejects(ask(qb, "updatePurchase", { ...first, PrivateNote: "too late" }), (error) => {
    assert.equal(body(error).Fault.Error[0].code, "5010");
    return true;
  });
  await ask(qb, "deletePurchase", changed);
  const since = new Date(Date.now() - 300_000).toISOString();
  const changes = await ask(qb, "changeDataCapture", ["Purchase", "Bill"], since);
  const [purchases] = changes.CDCResponse[0].QueryResponse;
  assert.ok(purchases.Purchase.some((record) => record.Id === first.Id && record.status === "Deleted"));

  const batch = await ask(qb, "batch", [
    { bId: "1", operation: "create", Purchase: purchase() },
    { bId: "2", operation: "create", Purchase: {} },
  ]);
  assert.ok(batch.BatchItemResponse[0].Purchase.Id && batch.BatchItemResponse[1].Fault);
  const report = await ask(qb, "reportProfitAndLoss", { summarize_column_by: "Month" });
  assert.equal(report.Header.ReportName, "ProfitAndLoss");

  await control("POST", `organisations/${made.id}/revoke`);
  await assert.rejects(ask(qb, "getPreferences"), (error) => {
    assert.equal(body(error).fault.error[0].code, "3200");
    return true;
  });
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
