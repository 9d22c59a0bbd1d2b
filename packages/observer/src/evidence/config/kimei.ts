// Our own files: kimei-guard.yaml and kimei.yaml. What each route and each client is told to demand.

import { everyMap, type Lined } from './lined.ts'
import { type Lint, type LintContext, lint, named } from './lint.ts'

export function isGuardFile(top: Lined): boolean {
  return top.get('guard', 'routes') !== undefined
}

export function isIssuerFile(top: Lined): boolean {
  return top.get('issuer')?.text !== undefined && (top.get('clients') !== undefined || top.get('listen') !== undefined)
}

export function lintGuard(top: Lined, { places, at }: LintContext): Lint[] {
  const guard = top.get('guard')!
  const origin = guard.get('baseUrls')?.items[0]?.text ?? guard.get('resource')?.text
  const routes = guard.get('routes')!.items.flatMap((route) => {
    const path = route.get('path')?.text ?? ''
    const methods = route.get('methods')?.items.flatMap(({ text }) => text ?? []) ?? ['GET']
    const idOf = (method: string) =>
      origin !== undefined && URL.canParse(path, origin) ? places.idOf(method, new URL(path, origin)) : undefined
    const what = `${methods.join(',')} ${named(path)}`
    const ids = [...new Set(methods.map(idOf))].filter((id) => id !== undefined)
    const lints = lintRoute(route, guard, what)
    return (ids.length === 0 ? [at] : ids).flatMap((id) => lints.map((one) => ({ ...one, at: id })))
  })
  const forget = top.get('dangerouslyForgetUsedProofs')
  const unbound = top.get('proxy', 'authorization')
  return [
    ...routes,
    ...(forget?.text === 'true'
      ? [
          lint(
            forget.line,
            'replay',
            'weak',
            {
              ja: '使われた証明を memory だけに覚えます。起動しなおすと、直前の証明がもう一度通ります。',
              en: 'Used proofs are kept in memory alone: after a restart, recent ones pass again.',
            },
            { at },
          ),
        ]
      : []),
    ...(unbound?.text === 'unbound'
      ? [
          lint(
            unbound.line,
            'forwarding',
            'weak',
            {
              ja: '縛られない切符が、後ろの API までそのまま渡ります。',
              en: 'Unbound tickets go on to the API behind.',
            },
            { at },
          ),
        ]
      : []),
  ]
}

function lintRoute(route: Lined, guard: Lined, what: string): Lint[] {
  const policy = route.get('policy')
  const line = policy?.line ?? route.line
  const enforcement = route.get('enforcement', 'mode') ?? guard.get('enforcement', 'mode')
  if (policy?.text === 'public') {
    const text = { ja: '切符を見ません（policy: public）。', en: 'No ticket is looked at (policy: public).' }
    return [lint(line, 'binding', 'absent', text, { what })]
  }
  if (policy?.text === 'optional' || policy?.text === 'bearer-allowed') {
    const until = route.get('until')?.text
    const text = {
      ja: `縛られない切符も通します（policy: ${policy.text}${until === undefined ? '' : `、${named(until)} まで`}）。`,
      en: `Unbound tickets pass too (policy: ${policy.text}${until === undefined ? '' : `, until ${named(until)}`}).`,
    }
    return [lint(line, 'binding', 'optional', text, { what })]
  }
  if (enforcement?.text === 'report-only') {
    const text = {
      ja: '断るべきものを数えるだけで通します（enforcement: report-only）。',
      en: 'What should be refused is counted and passes (enforcement: report-only).',
    }
    return [lint(enforcement.line, 'binding', 'optional', text, { what })]
  }
  const nonce = route.get('nonce') ?? guard.get('nonce', 'demand')
  return [
    lint(
      line,
      'binding',
      'demanded',
      { ja: '縛られた切符を求めます（policy: required）。', en: 'Bound tickets are demanded (policy: required).' },
      { what },
    ),
    ...(nonce?.text === 'required'
      ? [lint(nonce.line, 'nonce', 'demanded', { ja: 'nonce を求めます。', en: 'A nonce is demanded.' }, { what })]
      : []),
  ]
}

export function lintIssuer(top: Lined, { places, at }: LintContext): Lint[] {
  const issuer = top.get('issuer')?.text
  const id = issuer !== undefined && URL.canParse(issuer) ? (places.idOf(undefined, new URL(issuer)) ?? at) : at
  const clients = (top.get('clients')?.items ?? []).map((client) => {
    const binding = client.get('binding')
    const kind = binding?.get('kind')?.text ?? binding?.text ?? 'required'
    const what = `client ${named(client.get('clientId')?.text ?? client.get('client_id')?.text)}`
    return kind === 'bearer'
      ? lint(
          binding!.line,
          'issuance',
          'absent',
          {
            ja: 'この client には縛られない切符を出します（binding: bearer）。',
            en: 'This client is given unbound tickets (binding: bearer).',
          },
          { at: id, what },
        )
      : lint(
          binding?.line ?? client.line,
          'issuance',
          'demanded',
          { ja: 'この client には縛られた切符だけを出します。', en: 'This client is given bound tickets alone.' },
          { at: id, what },
        )
  })
  const dangerous = [...everyMap(top)].flatMap((map) =>
    map.members
      .filter(([name, value]) => name.startsWith('dangerously') && value.text === 'true')
      .map(([name, value]) =>
        lint(value.line, 'issuance', 'weak', { ja: `緩めています: ${named(name)}。`, en: `Loosened: ${named(name)}.` }, { at: id }),
      ),
  )
  return [...clients, ...dangerous]
}
