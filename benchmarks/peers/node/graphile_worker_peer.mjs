// graphile-worker on PostgreSQL: one worker pool, 24 concurrent jobs.
//
// A row is a contact's job: the first step's, since each step adds the next. Jobs are written by `addJobs`. A local
// queue and batched completion are what its docs offer for many fast jobs: 2,100 steps a second with both, 1,200
// without. The delay is the one its docs start from. Its pool of 10 connections is the default; 4 and 26 were no faster.

import { Logger, makeWorkerUtils, run } from 'graphile-worker'

import { SCHEMA, STEPS, bulks, countdown, report, stopwatch, url } from './chain.mjs'

const preset = {
  worker: {
    connectionString: url,
    schema: SCHEMA,
    concurrentJobs: 24,
    localQueue: { size: 500 },
    completeJobBatchDelay: 250,
    logger: new Logger(() => () => {})
  }
}

const { step: counted, finished } = countdown()

async function step ({ contact, number }, { addJob }) {
  if (number < STEPS) await addJob('step', { contact, number: number + 1 })
  counted()
}

const utils = await makeWorkerUtils({ preset })
await utils.migrate()
let lap = stopwatch()
for (const bulk of bulks()) {
  await utils.addJobs(bulk.map((contact) => ({ identifier: 'step', payload: { contact, number: 1 } })))
}
const enrolling = lap()
lap = stopwatch()
const runner = await run({ preset, taskList: { step }, noHandleSignals: true })
await finished
const processing = lap()
await runner.stop()
await utils.release()
report(enrolling, processing)
