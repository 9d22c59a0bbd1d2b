// `npm test`: makes sure that what the tests need is there, then types, lint and every test, and one closing line.
// What is tested stands in the packages; with file names as arguments only those tests run.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { launchChromium } from '../packages/testkit/src/chromium.ts'
import { findTerminator, terminatorNames } from '../packages/testkit/src/terminators.ts'
import { carryTerminators } from '../packages/testkit/src/terminators-carried.ts'
import { documentIsCurrent, type NamedTest, readRequirements } from './conformance.ts'
import { wrongExceptions } from './exceptions.ts'
import { root } from './source-tree.ts'

interface Step {
  readonly name: string
  readonly run: () => Promise<boolean>
}

/** What vitest's JSON report says, as far as it is read here. */
interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    /** Absolute path of the file. */
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Every test that ran, for the conformance table. */
  readonly tests: readonly NamedTest[]
}

const environment = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}` }

/** Runs one program to its end, its output on ours. */
function run(command: string, parts: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, parts, { cwd: root, stdio: 'inherit', env: environment })
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`)
      resolve(false)
    })
    child.on('close', (code) => resolve(code === 0))
  })
}

async function runTests(only: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'kimei-test-'))
  const report = join(folder, 'vitest.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const clean = await run('vitest', ['run', ...reporters, ...only])
    const tally = tallyOf(JSON.parse(readFileSync(report, 'utf8')) as VitestReport)
    // A crash outside any test (an unhandled rejection) has no test of its own.
    return clean || tally.failed > 0 ? tally : { ...tally, failed: 1 }
  } catch (error) {
    console.error(`vitest left no report: ${(error as Error).message}`)
    return { passed: 0, failed: 1, skipped: 0, tests: [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file that could not even be loaded counts as one failure. */
function tallyOf(report: VitestReport): Tally {
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded,
    skipped: report.numPendingTests + report.numTodoTests,
    tests: report.testResults.flatMap((file) =>
      file.assertionResults.map((test) => ({ file: relative(root, file.name), title: test.fullName })),
    ),
  }
}

const steps: readonly Step[] = [
  { name: 'types', run: () => run('tsc', ['-p', 'tsconfig.json']) },
  { name: 'types of protocol alone', run: () => run('tsc', ['-p', 'packages/protocol/tsconfig.json']) },
  { name: 'lint and format', run: () => run('biome', ['check', '--error-on-warnings', '.']) },
]

/** Nobody waits for a test run that must fail for want of a browser: the message names the one command that helps. */
async function findBrowser(): Promise<boolean> {
  try {
    const browser = await launchChromium()
    console.log(`Chromium ${browser.version()}`)
    await browser.close()
    return true
  } catch (error) {
    console.log((error as Error).message)
    return false
  }
}

/** Those that the machine lacks are fetched, not installed: nothing on it changes, and nothing starts by itself. */
async function findTerminators(): Promise<boolean> {
  const look = (): void => {
    for (const name of terminatorNames) console.log(findTerminator(name).path)
  }
  try {
    look()
    return true
  } catch (missing) {
    console.log(`${(missing as Error).message}\nfetching copies into node_modules/.cache, a minute at most`)
    try {
      await carryTerminators()
      look()
      return true
    } catch (error) {
      console.log((error as Error).message)
      return false
    }
  }
}

async function main(only: readonly string[]): Promise<number> {
  let failed = 0
  const heading = (name: string): void => console.log(`\n── ${name}`)
  heading('browser')
  const hasBrowser = await findBrowser()
  heading('nginx, HAProxy, Apache')
  if (!(await findTerminators()) || !hasBrowser) {
    console.log('\n0 passed, 1 failed')
    return 1
  }
  for (const step of only.length === 0 ? steps : []) {
    heading(step.name)
    const started = performance.now()
    const good = await step.run()
    if (!good) failed += 1
    console.log(`${good ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  }
  heading('tests')
  const tally = await runTests(only)
  if (tally.skipped > 0) console.log(`${tally.skipped} skipped: a skipped test counts as a failure here`)
  failed += tally.failed + tally.skipped
  if (only.length === 0 && tally.failed === 0) {
    heading('conformance table')
    const current = documentIsCurrent(readRequirements(), tally.tests)
    console.log(current ? 'ok' : 'FAILED: docs/conformance.md is not what these tests say: npm run conformance')
    if (!current) failed += 1
    heading('list of exceptions')
    const wrong = wrongExceptions(readRequirements(), tally.tests)
    console.log(wrong.length === 0 ? 'ok' : `FAILED: docs/exceptions.md\n${wrong.join('\n')}`)
    if (wrong.length > 0) failed += 1
  }
  console.log(`\n${tally.passed} passed, ${failed} failed`)
  return failed === 0 && tally.passed > 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
