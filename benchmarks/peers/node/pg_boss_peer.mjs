// pg-boss on PostgreSQL: one worker, batches of 500, the next steps sent as a batch.
//
// A row is a contact's job: the first step's, since a batch of steps inserts their next ones. Jobs are written by
// `insert`. After a batch the worker is notified, which its docs offer so that the next fetch does not wait for the
// polling interval, half a second at least: with the wait, one worker ran 1,060 steps a second and four 5,200. Two
// workers without it were hardly faster than one, nor was a loop of `fetch` and `complete`. The 500 jobs of a batch
// complete together: where the handler fails, all of them are run again.

import PgBoss from 'pg-boss'

import { SCHEMA, STEPS, bulks, countdown, report, stopwatch, url } from './chain.mjs'

const BATCH = { batchSize: 500, pollingIntervalSeconds: 0.5 }

const { step: counted, finished } = countdown()
const job = (contact, number) => ({ name: 'step', data: { contact, number } })

const boss = new PgBoss({ connectionString: url, schema: SCHEMA })
boss.on('error', (error) => { throw error })
await boss.start()
await boss.createQueue('step')

let lap = stopwatch()
for (const bulk of bulks()) await boss.insert(bulk.map((contact) => job(contact, 1)))
const enrolling = lap()
lap = stopwatch()
const worker = await boss.work('step', BATCH, async (jobs) => {
  const next = jobs.filter(({ data }) => data.number < STEPS).map(({ data }) => job(data.contact, data.number + 1))
  if (next.length > 0) await boss.insert(next)
  jobs.forEach(counted)
  boss.notifyWorker(worker)
})
await finished
const processing = lap()
await boss.stop()
report(enrolling, processing)
