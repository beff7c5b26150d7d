"""Our answers against Codat's OpenAPI files: each status has to be described there, and each body has to fit.

Takes the folder that holds Codat-Platform.json and Codat-Lending.json.
"""

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import world
from jsonschema import Draft202012Validator

FOLDER = sys.argv[1]
problems = []
asked = 0


def as_json_schema(part):
    """OpenAPI 3.1 is JSON Schema, but for a `nullable` left over from 3.0 here and there."""
    if isinstance(part, list):
        return [as_json_schema(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: as_json_schema(value) for key, value in part.items() if key not in ("example", "examples")}
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


class Description:
    def __init__(self, name):
        with open(f"{FOLDER}/{name}.json", encoding="utf-8") as file:
            self.document = as_json_schema(json.load(file))
        self.name = name

    def resolve(self, part):
        while "$ref" in part:
            found = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            part = found
        return part

    def faults(self, method, template, status, text):
        """What is wrong with an answer, as texts."""
        responses = self.document["paths"][template][method.lower()]["responses"]
        if str(status) not in responses:
            return [f"status {status} is not described, only {', '.join(responses)}"]
        content = self.resolve(responses[str(status)]).get("content", {})
        if "application/json" not in content:
            return [f"a body where none is described: {text[:80]!r}"] if text else []
        schema = {**content["application/json"]["schema"], "components": self.document["components"], "paths": self.document["paths"]}
        # One 204 is described with a body; HTTP knows none there (RFC 9110, 15.3.5).
        if status == 204 and not text:
            return []
        if not text:
            return ["no body where one is described"]
        found = Draft202012Validator(schema).iter_errors(json.loads(text))
        return [f"{error.json_path}: {error.message[:160]}" for error in found]


platform, lending = Description("Codat-Platform"), Description("Codat-Lending")


def send(method, path, query=None, body=None, key=world.KEY):
    url = world.BASE + path + ("?" + urllib.parse.urlencode(query) if query else "")
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def call(description, method, template, expected=200, query=None, body=None, key=world.KEY, **ids):
    """Ask, compare, and give the body."""
    global asked
    asked += 1
    status, text = send(method, template.format(**ids), query, body, key)
    faults = description.faults(method, template, status, text)
    problems.extend(f"{description.name} {method} {template} {status}: {fault}" for fault in faults)
    if status != expected:
        raise SystemExit("\n".join([*problems, f"{method} {template}: {status} instead of {expected}: {text[:300]}"]))
    return json.loads(text) if text else None


company = call(platform, "POST", "/companies", body={"name": "Compared Ltd"})["id"]
at = {"companyId": company}
call(platform, "GET", "/companies", query={"query": f"id={company}"})
call(platform, "GET", "/companies/{companyId}", **at)
call(platform, "PUT", "/companies/{companyId}", body={"name": "Compared & Sons"}, **at)
call(platform, "GET", "/integrations")
call(platform, "GET", "/integrations/{platformKey}", platformKey="gbol")
call(platform, "GET", "/integrations/{platformKey}/branding", platformKey="gbol")
made = call(platform, "POST", "/companies/{companyId}/connections", body={"platformKey": "gbol"}, **at)
here = {**at, "connectionId": made["id"]}
call(platform, "GET", "/companies/{companyId}/connections", **at)
world.approve(made["linkUrl"], world.organisation())
call(platform, "GET", "/companies/{companyId}/connections/{connectionId}", **here)
call(platform, "GET", "/companies/{companyId}/accessToken", **at)


def all_complete():
    found = {one["currentStatus"] for one in send_json("/dataStatus").values()}
    assert not any(status.endswith("Error") for status in found), found
    return found <= {"Complete", "NotSupported"} and "Complete" in found


def send_json(path):
    return json.loads(send("GET", f"/companies/{company}{path}")[1])


world.until(all_complete)
call(platform, "GET", "/companies/{companyId}/dataStatus", **at)
call(platform, "POST", "/companies/{companyId}/data/all", expected=204, **at)
world.until(all_complete)
pull = call(platform, "POST", "/companies/{companyId}/data/queue/{dataType}", dataType="items", **at)
world.until(all_complete)
call(platform, "GET", "/companies/{companyId}/data/history", query={"pageSize": 50}, **at)
call(platform, "GET", "/companies/{companyId}/data/history/{datasetId}", datasetId=pull["id"], **at)
hook = call(
    platform, "POST", "/webhooks", expected=201, body={"url": "http://127.0.0.1:18765/", "eventTypes": ["read.completed"]}
)
call(platform, "GET", "/webhooks")
call(platform, "DELETE", "/webhooks/{webhookId}", expected=204, webhookId=hook["id"])
new_key = call(platform, "POST", "/apiKeys", expected=201, body={"name": "compared"})
call(platform, "GET", "/apiKeys")
call(platform, "DELETE", "/apiKeys/{apiKeyId}", expected=204, apiKeyId=new_key["id"])

everything = {"query": "metadata.isDeleted!=true", "pageSize": 500}
lists = {
    "/companies/{companyId}/data": "accounts billCreditNotes billPayments bills creditNotes customers invoices "
    "journalEntries payments suppliers",
    "/companies/{companyId}/connections/{connectionId}/data": "accountTransactions bankAccounts directCosts "
    "directIncomes transfers",
}
for place, names in lists.items():
    for name in names.split():
        page = call(lending, "GET", f"{place}/{name}", query=everything, **here)
        assert page["results"], name
        (single,) = [path for path in lending.document["paths"] if re.fullmatch(re.escape(f"{place}/{name}/") + r"\{\w+\}", path)]
        parameter = single.rsplit("{", 1)[1].rstrip("}")
        call(lending, "GET", single, **{**here, parameter: page["results"][0]["id"]})
call(lending, "GET", "/companies/{companyId}/data/info", **at)
periods = {"periodLength": 1, "periodsToCompare": 6}
call(lending, "GET", "/companies/{companyId}/data/financials/balanceSheet", query=periods, **at)
call(lending, "GET", "/companies/{companyId}/data/financials/profitAndLoss", query=periods, **at)

# Refusals have a shape too.
call(platform, "GET", "/companies", expected=401, key="wrong")
call(platform, "GET", "/companies", expected=400, query={"query": "name>>"})
call(platform, "GET", "/companies/{companyId}", expected=404, companyId="00000000-0000-0000-0000-000000000000")
call(lending, "GET", "/companies/{companyId}/data/invoices", expected=400, query={"query": "lineItems.x=1"}, **at)

call(
    platform,
    "PATCH",
    "/companies/{companyId}/connections/{connectionId}",
    body={"status": "Unlinked"},
    **here,
)
call(platform, "DELETE", "/companies/{companyId}/connections/{connectionId}", **here)
call(platform, "DELETE", "/companies/{companyId}", expected=204, **at)

# The comparison has to see something: a status that the file does not have, a value outside its list, a missing field.
assert platform.faults("POST", "/companies", 201, "{}")
assert platform.faults("GET", "/webhooks", 200, '{"results": 1}')
assert platform.faults("GET", "/companies/{companyId}", 200, '{"name": "no id"}')

for problem in problems:
    print(f"         {problem}")
print(f"         {asked} answers compared, {len(problems)} deviations")
raise SystemExit(1 if problems else 0)
