// `kimei dev --self-check`: a demo of its own on free ports, the whole story over real HTTP, one line a step.
// The steps themselves stand in story.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { columns, mark } from 'look'
import type { ExitCode } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'
import { freePorts } from '../demo/demo-names.ts'
import { startDemo } from '../demo/start-demo.ts'
import { type Chapter, tellStory } from './story.ts'

interface StepResult {
  readonly id: string
  readonly ok: boolean
  readonly ms: number
  /** What was found instead, where it is not ok. */
  readonly found?: string
}

interface Report {
  readonly ok: boolean
  readonly steps: readonly StepResult[]
  readonly binding_key_posture: string | null
}

export async function selfCheck(terminal: Terminal, json: boolean): Promise<ExitCode> {
  const folder = mkdtempSync(join(tmpdir(), 'kimei-self-check-'))
  try {
    const report = await checkIn(folder)
    if (json) terminal.say(JSON.stringify(report))
    else sayReport(report, terminal)
    return report.ok ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function checkIn(folder: string): Promise<Report> {
  const steps: StepResult[] = []
  const started = performance.now()
  const demo = await startDemo({ folder: join(folder, 'kimei'), host: '127.0.0.1', ports: freePorts })
  steps.push({ id: 'started', ok: true, ms: elapsed(started) })
  let posture: string | null = null
  try {
    for await (const chapter of tellStory(demo)) {
      steps.push(resultOf(chapter))
      posture = chapter.posture ?? posture
      if (chapter.found !== undefined && chapter.last) break
    }
  } finally {
    await demo.close()
  }
  return { ok: steps.every((step) => step.ok) && posture !== null, steps, binding_key_posture: posture }
}

function resultOf({ id, ms, found }: Chapter): StepResult {
  return found === undefined ? { id, ok: true, ms } : { id, ok: false, ms, found }
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since)
}

function sayReport({ ok, steps, binding_key_posture }: Report, terminal: Terminal): void {
  const color = terminal.colour
  terminal.say(
    columns(
      steps.map((step) => [mark(step.ok ? 'ok' : 'failed', { color }), step.id, `${step.ms} ms`, step.found ?? '']),
      0,
    ),
  )
  if (binding_key_posture) terminal.say(`\nposture  ${binding_key_posture}`)
  const verdict = ok ? 'Kimei works on this machine.' : 'Kimei does not work on this machine: see the failed step.'
  terminal.say(`\n${terminal.paint(ok ? 'green' : 'red', verdict)}`)
}
