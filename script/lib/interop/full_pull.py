"""A full pull of every data type has to end well."""

import world

company = world.api("POST", "/companies", {"name": "Refereed Ltd"})["id"]
connection = world.api("POST", f"/companies/{company}/connections", {"platformKey": "gbol"})
world.approve(connection["linkUrl"], world.organisation(invoices=1500))


def all_ended():
    pulls = world.api("GET", f"/companies/{company}/data/history?pageSize=100")["results"]
    return pulls if pulls and all(pull["isCompleted"] or pull["isErrored"] for pull in pulls) else None


pulls = world.until(all_ended, seconds=300)
errored = [(pull["dataType"], pull["status"], pull.get("errorMessage")) for pull in pulls if pull["isErrored"]]
for pull in errored:
    print(*pull)
print(f"{len(pulls)} data types pulled")
raise SystemExit(1 if errored else 0)
