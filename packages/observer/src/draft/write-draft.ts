// The draft of an inventory as a YAML file with comments. What a person must fill in is empty, so that the check names it with its line.
import type { DraftApi, DraftCredential, DraftIssuer, InventoryDraft } from './draft.ts'

const blank = '""'
/** The first request of the Model Context Protocol, which changes nothing and is always taken. */
const mcpGreeting = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'kimei-observer', version: '1' } },
})

/** A whole file, never one that could be run before its blanks are filled in. */
export function writeDraft(draft: InventoryDraft): string {
  const issuers = draft.issuers.length > 0 ? draft.issuers : [unknownIssuer]
  const ids = uniqueIds()
  const written = draft.apis.map((api) => ({
    api,
    id: ids(new URL(api.url.replace(/\{[^}]*\}|\*/g, 'x'), 'https://x.invalid').pathname, api),
  }))
  const ready = written.filter(({ api }) => api.needs.length === 0)
  const open = written.filter(({ api }) => api.needs.length > 0)
  const lines = [
    '# What kimei observe may touch, with whose tickets, how gently.',
    '# Everything that is "" is for you to fill in; what is a guess says so.',
    '# kimei observe --dry-run prints the plan and sends nothing.',
    'version: 1',
    '',
    '# Sent with every request, so that whoever reads the logs knows whom to ask: an address.',
    `contact: ${blank}`,
    '',
    ...consent(issuers, draft.apis),
    '',
    '# Two requests a second, one at a time; at most so many for each API and in all.',
    'pace: { requestsPerSecond: 2, requestsPerApi: 40, budget: 1000 }',
    '',
    'issuers:',
    ...issuers.flatMap(issuerLines),
    '',
    ...clientLines(issuers),
    '',
    '# Subjects of your test accounts, as the tickets name them. A ticket of anybody else is never sent.',
    'subjects: []',
    '',
    ...credentialLines(draft.credentials),
    'apis:',
    ...(ready.length > 0 ? ready.flatMap(({ api, id }) => apiLines(api, id)) : emptyApi),
    ...(open.length > 0 ? ['  # These need a word from you before they can be asked:'] : []),
    ...open.flatMap(({ api, id }) => [
      ...api.needs.map((need) => `  # needs ${oneLine(need)}`),
      ...apiLines(api, id).map((line) => (line.trimStart().startsWith('#') ? line : `  # ${line.slice(2)}`)),
    ]),
    '',
    '# What your runbooks say: documented or unclear.',
    'operations: { keyRotation: unclear, revocation: unclear, fallback: unclear }',
    '',
    ...(draft.leftOut.length > 0 ? ['# Left out:', ...draft.leftOut.map((one) => `#   ${oneLine(one)}`)] : []),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

const unknownIssuer: DraftIssuer = {
  url: '',
  tokenEndpoint: undefined,
  grants: [],
  claims: 'unknown',
  note: 'nothing that was read names an issuer',
}
const emptyApi = [
  '  # A request that reads something, of each API. The most privileged ones first.',
  '  - id: first',
  `    url: ${blank}`,
  '    privilege: high',
]

function consent(issuers: readonly DraftIssuer[], apis: readonly DraftApi[]): string[] {
  const urls = [...issuers.flatMap(({ url, tokenEndpoint }) => [url, tokenEndpoint ?? '']), ...apis.map(({ url }) => url)]
  const hosts = [...new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).host))]
  const far = hosts.filter((host) => !/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host))
  if (hosts.length > 0 && far.length === 0) return ['# Loopback needs no consent.']
  return [
    '# Nothing but these hosts is touched. Take out what is not yours; say who agreed, and until which day.',
    'consent:',
    `  grantedBy: ${blank}`,
    `  until: ${blank}`,
    `  hosts: [${far.map(scalar).join(', ')}]`,
  ]
}

function issuerLines({ url, tokenEndpoint, claims, note }: DraftIssuer, index: number): string[] {
  return [
    `  # ${oneLine(note)}`,
    `  - id: ${index === 0 ? 'main' : `issuer-${index + 1}`}`,
    `    url: ${url === '' ? blank : scalar(url)}`,
    `    tokenEndpoint: ${tokenEndpoint === undefined ? blank : scalar(tokenEndpoint)}`,
    ...(claims === 'unknown' ? [] : [`    claims: ${claims} # what its metadata says; compared with what is seen`]),
  ]
}

function clientLines(issuers: readonly DraftIssuer[]): string[] {
  const grants = issuers.flatMap(({ grants: own }) => own)
  const machine = grants.length === 0 || grants.includes('client_credentials')
  return [
    '# A test client of your own. kind: spa, mobile or server.',
    'clients:',
    '  - id: observer',
    `    clientId: ${blank}`,
    ...(machine
      ? ['    kind: server', `    authentication: ${authenticationOf(issuers)}`, '    ticket: { from: client-credentials }']
      : [
          '    # It gives no tickets to programs: a refresh token of a test account, which will be used up, with the key it is bound to.',
          '    ticket: { from: refresh, refreshToken: { env: OBSERVER_REFRESH_TOKEN } }',
        ]),
  ]
}

/** All of it in comments: whether one is taken beside tickets, and whose it is, only a person knows. */
function credentialLines(credentials: readonly DraftCredential[]): string[] {
  if (credentials.length === 0) return []
  return [
    '# Beside tickets, these seem to be taken: whoever holds one needs no ticket.',
    '# Take out the # to have them tried, with keys and cookies of a test account.',
    '# Without secret, subject and worksAt only made-up ones are sent.',
    '# otherCredentials:',
    ...credentials.flatMap(({ kind, carrier, note }, index) => [
      `#   # ${oneLine(note)}`,
      `#   - id: other-${index + 1}`,
      `#     kind: ${kind}`,
      ...(kind === 'basic' || kind === 'bearer' ? [] : [`#     in: { ${carrier.in}: ${scalar(carrier.name)} }`]),
      `#     secret: { env: OTHER_${index + 1} }${kind === 'basic' ? ' # name:password' : ''}`,
      `#     subject: ${blank} # one of subjects`,
      `#     worksAt: ${blank} # an address that it opens with GET`,
    ]),
    '',
  ]
}

/** The strongest of those that the first issuer publishes and the observer speaks. */
function authenticationOf([issuer]: readonly DraftIssuer[]): string {
  const methods = issuer?.methods ?? ['private_key_jwt']
  if (methods.includes('private_key_jwt')) return '{ method: private_key_jwt, key: { file: observer.jwk.json } } # kimei config make-key'
  const secret = ['client_secret_basic', 'client_secret_post'].find((method) => methods.includes(method))
  return secret === undefined
    ? '{ method: none } # what its metadata names'
    : `{ method: ${secret}, secret: { env: OBSERVER_SECRET } } # what its metadata names`
}

function apiLines({ method, url, kind, privilege, scope, resource, notes }: DraftApi, id: string): string[] {
  return [
    ...notes.map((note) => `  # ${oneLine(note)}`),
    `  - id: ${id}`,
    ...(method === 'GET' ? [] : [`    method: ${method}`]),
    `    url: ${scalar(url)}`,
    `    privilege: ${privilege}`,
    ...(kind === 'rest' ? [] : [`    kind: ${kind}`]),
    ...(scope === undefined ? [] : [`    scope: ${scalar(scope)}`]),
    ...(resource === undefined ? [] : [`    resource: ${scalar(resource)}`]),
    ...(kind === 'mcp' ? [`    body: '${mcpGreeting}'`, '    repeatable: true'] : []),
    ...(kind === 'graphql' && method === 'POST' ? [`    body: '{"query":"{ __typename }"}'`, '    repeatable: true'] : []),
  ]
}

/** `/v1/users/{id}` → `users`, `users-2`: short names that are not used twice. */
function uniqueIds(): (path: string, api: DraftApi) => string {
  const used = new Set<string>()
  return (path, { method, kind }) => {
    const words = path
      .toLowerCase()
      .split('/')
      .filter((part) => !/[%\d]/.test(part) || /^v\d+$/.test(part))
      .map((part) => part.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, ''))
      .filter((part) => part !== '' && part !== 'x' && !/^(?:api|v\d+)$/.test(part))
    const stem = `${method === 'GET' || kind === 'mcp' ? '' : `${method.toLowerCase()}-`}${words.slice(-2).join('-') || 'root'}`
      .slice(0, 50)
      .replace(/-+$/, '')
    let id = stem
    for (let count = 2; used.has(id); count += 1) id = `${stem}-${count}`
    used.add(id)
    return id
  }
}

function scalar(text: string): string {
  return /^[a-zA-Z][\w./:?=&%~-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text) && !text.endsWith(':')
    ? text
    : JSON.stringify(text)
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, 160)
}
