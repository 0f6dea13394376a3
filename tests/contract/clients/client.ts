// What a program does with the types that openapi-typescript makes, and openapi-fetch; prints what came of it, as JSON.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[]; stdout: { write(text: string): void } };

const [, , baseUrl, token] = process.argv;
const client = createClient<paths>({ baseUrl: baseUrl ?? "", headers: { authorization: `Bearer ${token}` } });
const told: Record<string, unknown> = {};

function good<Answer>(answer: { data?: Answer; error?: components["schemas"]["Problem"] }): Answer {
  if (answer.data === undefined) throw new Error(answer.error?.detail ?? "nothing was answered");
  return answer.data;
}

const steps = [{ message: "Hi {{ name }}" }, { message: "Two", after: "12h" }];
told["made"] = good(await client.POST("/api/v1/sequences", { body: { name: "Warm", trigger: "WARM", steps } })).version;
const named = { params: { path: { name: "Warm" } } };
const first = await client.GET("/api/v1/sequences/{name}", named);
const read = good(first);
const etag = first.response.headers.get("etag");
const written = good(
  await client.POST("/api/v1/sequences", { body: read, params: { header: { "If-Match": etag } } }),
);
told["written"] = [written.version, written.plan.action, written.plan.changes];
const second = await client.GET("/api/v1/sequences/{name}", named);
told["is_the_same"] =
  JSON.stringify(good(second)) === JSON.stringify(read) && second.response.headers.get("etag") === etag;
told["sequences"] = good(await client.GET("/api/v1/sequences")).map((one) => one.name);

const lead = { phone: "60123456789", name: "Aina", triggers: ["WARM"] };
told["added"] = good(await client.POST("/api/v1/leads", { body: lead }));
const found = good(await client.GET("/api/v1/leads/{address}", { params: { path: { address: lead.phone } } }))[0]!;
told["lead"] = [found.lead.phone, found.lead.name, found.lead.triggers, found.records.map((one) => one.record.status)];
told["added_again"] = good(await client.POST("/api/v1/leads", { body: found.lead }));
const listed = good(await client.GET("/api/v1/leads", { params: { query: { trigger: "WARM" } } }));
told["listed"] = listed.rows.map((one) => one.person.phone);
const refused = (await client.POST("/api/v1/leads", { body: { phone: "12" } })).error;
told["refused"] = [refused !== undefined, refused?.status, refused?.code];

const done = good(
  await client.POST("/api/v1/imports", {
    body: { file: "phone,name,trigger\n60123456780,Badrul,WARM\n12,Nobody,WARM\n", region: "MY" },
    bodySerializer: (body) => {
      const form = new FormData();
      form.append("file", new Blob([body.file]), "leads.csv");
      form.append("region", body.region ?? "");
      return form;
    },
  }),
);
told["imported"] = [done.state, done.added, done.enrolled, done.refused];
const its = { params: { path: { import_id: done.id } } };
told["found"] = JSON.stringify(good(await client.GET("/api/v1/imports/{import_id}", its))) === JSON.stringify(done);
told["rows"] = good(await client.GET("/api/v1/imports/{import_id}/refused", its)).map((row) => row.number);
told["undone"] = [good(await client.POST("/api/v1/imports/{import_id}/undo", its)).state];
process.stdout.write(JSON.stringify(told));
