"""Was every operation of the stand-in called, with success, by every signature version that can?"""

import sys

from cloud import control, every_operation

# FC takes V3 only.
NOT_V1 = {"InvokeFunction"}
# Nobody signs these.
UNSIGNED = {"AssumeRoleWithOIDC"}

known = every_operation()
# None of them was lost on the way here.
assert len(known) >= 16, known
good = {(call["signature"], call["operation"]) for call in control("GET", "calls") if call["code"] == "OK"}
wanted = {("v3", name) for name in known - UNSIGNED}
wanted |= {("v1", name) for name in known - UNSIGNED - NOT_V1}
wanted |= {(None, name) for name in UNSIGNED}
for signature, name in sorted(wanted - good, key=str):
    print(f"nobody called {name} with success, signed by {signature or 'nobody'}")
print(f"{len(known)} operations, {len(good & wanted)} of {len(wanted)} ways of calling them")
sys.exit(wanted - good != set())
