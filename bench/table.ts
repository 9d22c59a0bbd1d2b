// How figures are printed: one row a contestant, each beside its floor.
import { type Figures, median, ratio } from './rounds.ts'

export function printTable(title: string, rows: readonly Figures[], floorOf: (row: Figures) => Figures | undefined): void {
  console.log(`\n${title}\n`)
  console.log(
    `  ${'server'.padEnd(40)}${'connections'.padStart(12)}${'CPU µs/request'.padStart(17)}${'requests/s'.padStart(13)}${'× floor'.padStart(10)}`,
  )
  for (const row of rows) {
    const floor = floorOf(row)
    const times = floor ? ratio(row, floor).toFixed(2) : ''
    const cells = [
      String(row.connections).padStart(12),
      median(row.cpuMicros).toFixed(0).padStart(17),
      median(row.perSecond).toFixed(0).padStart(13),
    ]
    console.log(`  ${row.name.padEnd(40)}${cells.join('')}${times.padStart(10)}`)
  }
}
