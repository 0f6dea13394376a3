// The workload of every node peer: contacts with a chain of steps each, enrolled in bulk, then worked off.

export const STEPS = 4
export const BULK = 5000 // rows in one bulk insert
export const SCHEMA = 'peer'

export const [url, contacts] = [process.argv[2], Number(process.argv[3])]

/** Cut the contacts into bulk inserts: arrays of contacts. */
export function * bulks () {
  for (let start = 0; start < contacts; start += BULK) {
    yield Array.from({ length: Math.min(BULK, contacts - start) }, (_, offset) => start + offset)
  }
}

/** Start a watch; calling it tells the seconds since. */
export function stopwatch () {
  const start = performance.now()
  return () => (performance.now() - start) / 1000
}

/** Count the steps of all contacts down; `finished` resolves when the last one has run. */
export function countdown () {
  let left = contacts * STEPS
  let finish
  const finished = new Promise((resolve) => { finish = resolve })
  const step = () => { if (--left === 0) finish() }
  return { step, finished }
}

/** Print the two rates as the one line that is read: first jobs written, N of them, then N × 4 steps run. */
export function report (enrolling, processing) {
  console.log(JSON.stringify({
    enroll_rows_per_second: contacts / enrolling,
    process_steps_per_second: contacts * STEPS / processing
  }))
}
