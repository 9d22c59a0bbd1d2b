// `kimei proof explain`: opens a DPoP proof, judges every rule as a server would, says which fails and what was compared.
import { columns, mark, stampOf } from 'look'
import { type Command, type ExitCode, readFlags, UsageError } from '../command/command.ts'
import { readSecretArgument } from '../command/secret-argument.ts'
import { type Terminal, wrap } from '../command/terminal.ts'
import { type Explanation, explainProof, type JudgedRule } from '../tickets/explain-proof.ts'

const help = `Explain a DPoP proof: what it says, and every rule that it keeps or breaks.

Usage: kimei proof explain <proof> [--method <m>] [--url <url>] [--token <t>]

  <proof>         the DPoP header value; @file reads a file, - standard input
  --method <m>    method of the request that carried it
  --url <url>     URL that the client called, as the server sees it publicly
  --token <t>     access token beside it, for ath; @file and - work here too
  --at <time>     judge as of then: seconds since 1970 or 2026-11-21T12:00:00Z
  --past <s>      how old a proof may be (default 60)
  --future <s>    how far ahead its clock may run (default 10)
  --all           list the rules that hold as well
  --json          {"ok","jkt","htu","rules":[{"id","holds","says",…}]}

Examples:
  kimei proof explain eyJ0eXAi… --method GET --url https://api.example/notes
  kimei proof explain @proof.txt --method POST --url https://id.example/token \\
        --at 2026-11-21T12:00:00Z

Whether the jti was used before, and whether a nonce is the server's own, only
the server knows. Exit code 0: every rule holds; 1: one is broken.`

const options = {
  method: { type: 'string' },
  url: { type: 'string' },
  token: { type: 'string' },
  at: { type: 'string' },
  past: { type: 'string', default: '60' },
  future: { type: 'string', default: '10' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

export const proof: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['explain', '<proof>'])
  if (positionals[0] !== 'explain') throw new UsageError(`"${positionals[0]}" is not known: kimei proof explain <proof>`)
  const explanation = await explainProof({
    proof: readSecretArgument(positionals[1]!).replace(/^dpop:\s*/i, ''),
    method: values.method,
    url: values.url,
    token: values.token === undefined ? undefined : readSecretArgument(values.token),
    now: values.at === undefined ? Math.floor(Date.now() / 1000) : readTime(values.at),
    window: { pastSeconds: readSeconds(values.past, '--past'), futureSeconds: readSeconds(values.future, '--future') },
  })
  if (values.json) terminal.say(JSON.stringify(explanation))
  else sayExplanation(explanation, terminal, values.all)
  return explanation.ok ? 0 : 1
}

function readTime(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.floor(Date.parse(text) / 1000)
  if (!Number.isFinite(seconds)) throw new UsageError(`--at "${text}" is no time: seconds since 1970, or 2026-11-21T12:00:00Z`)
  return seconds
}

function readSeconds(text: string, flag: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${flag} "${text}" is no number of seconds`)
  return Number(text)
}

function sayExplanation(explanation: Explanation, terminal: Terminal, all: boolean): void {
  const { paint } = terminal
  const { jkt, header, claims, htu, rules, unjudged } = explanation
  if (jkt !== null) terminal.say(`${paint('bold', 'A proof by the key')} ${stampOf(jkt)}  (jkt ${jkt})\n`)
  const said = [...Object.entries(header), ...Object.entries(claims)].map(([name, value]) => [name, show(name, value)])
  if (said.length > 0) terminal.say(`${columns(said)}\n`)
  if (htu.proof !== null || htu.request !== null) {
    terminal.say('The two URLs, written the same way:\n')
    terminal.say(
      `${columns([
        ['in the proof', htu.proof ?? 'not a URL that can be compared'],
        ['of the request', htu.request ?? 'not given: --url'],
      ])}\n`,
    )
  }
  for (const rule of rules.filter((one) => !one.holds)) sayBroken(rule, terminal)
  const holding = rules.filter((rule) => rule.holds)
  if (all)
    terminal.say(
      columns(
        holding.map((rule) => [mark('holds', { color: terminal.colour }), rule.id]),
        0,
      ),
    )
  else if (holding.length > 0) terminal.say(paint('dim', `${holding.length} other rules hold; --all lists them.`))
  terminal.say(paint('dim', wrap(`Not judged: ${unjudged.join('; ')}.`, terminal.width)))
  const verdict = explanation.ok ? paint('green', 'Every rule judged here holds.') : paint('red', 'A server refuses this proof.')
  terminal.say(`\n${verdict}`)
}

/** The rule, its source, and both sides of the comparison where the rule tells them. */
function sayBroken({ id, says, cite, seen }: JudgedRule, terminal: Terminal): void {
  terminal.say(`${mark('violated', { color: terminal.colour })}  ${id}  ${terminal.paint('dim', cite)}`)
  terminal.say(`  ${wrap(says, terminal.width - 2, '  ')}`)
  const timely = seen !== undefined && 'serverTime' in seen
  if (seen) terminal.say(columns(Object.entries(seen).map(([name, value]) => [name, show(timely ? 'iat' : name, value)])))
  terminal.say()
}

const times = new Set(['iat', 'exp', 'nbf'])

function show(name: string, value: unknown): string {
  if (times.has(name) && typeof value === 'number') return `${value}  (${sayTime(value)})`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return value.map((one) => show(name, one)).join(' or ')
  const { from, to, kty, crv } = value as { from?: unknown; to?: unknown; kty?: string; crv?: string }
  if (typeof from === 'number' && typeof to === 'number') return `${sayTime(from)} to ${sayTime(to)}`
  return name === 'jwk' ? [kty, crv].filter((part) => part !== undefined).join(' ') : JSON.stringify(value)
}

function sayTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
