"""What a program does with the client that openapi-python-client makes; prints what came of it, as JSON.

It is run in the environment of that client, in a folder where the client lies.
"""

import json
import sys
from io import BytesIO

from made_client import AuthenticatedClient
from made_client.api.imports import get_import, import_leads, list_refused_rows, undo_import
from made_client.api.leads import add_lead, get_lead, list_leads
from made_client.api.sequences import apply_sequence, get_sequence, list_sequences
from made_client.models import ImportBody, LeadBody, Problem, SequenceBody, StepSchema
from made_client.types import File

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
told: dict[str, object] = {}

wanted = SequenceBody(
    name="Warm",
    trigger="WARM",
    steps=[StepSchema(message="Hi {{ name }}"), StepSchema(message="Two", after="12h")],
)
told["made"] = apply_sequence.sync(client=client, body=wanted).version
read = get_sequence.sync_detailed("Warm", client=client)
written = apply_sequence.sync(client=client, body=read.parsed, if_match=read.headers["etag"])
told["written"] = [written.version, written.plan.action, written.plan.changes]
again = get_sequence.sync_detailed("Warm", client=client)
told["is_the_same"] = again.parsed == read.parsed and again.headers["etag"] == read.headers["etag"]
told["sequences"] = [one.name for one in list_sequences.sync(client=client)]

told["added"] = add_lead.sync(
    client=client, body=LeadBody(phone="60123456789", name="Aina", triggers=["WARM"])
).to_dict()
lead = get_lead.sync("60123456789", client=client)[0]
told["lead"] = [lead.lead.phone, lead.lead.name, lead.lead.triggers, [one.record.status.value for one in lead.records]]
told["added_again"] = add_lead.sync(client=client, body=lead.lead).to_dict()
told["listed"] = [one.person.phone for one in list_leads.sync(client=client, trigger="WARM").rows]
refused = add_lead.sync(client=client, body=LeadBody(phone="12"))
told["refused"] = [isinstance(refused, Problem), refused.status, refused.code]

file = File(BytesIO(b"phone,name,trigger\n60123456780,Badrul,WARM\n12,Nobody,WARM\n"), file_name="leads.csv")
done = import_leads.sync(client=client, body=ImportBody(file=file, region="MY"))
told["imported"] = [done.state.value, done.added, done.enrolled, done.refused]
told["found"] = get_import.sync(done.id, client=client) == done
told["rows"] = [row.number for row in list_refused_rows.sync(done.id, client=client)]
told["undone"] = [undo_import.sync(done.id, client=client).state.value]
sys.stdout.write(json.dumps(told))
