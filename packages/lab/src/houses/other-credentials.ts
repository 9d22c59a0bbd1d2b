// Keys, personal tokens, cookies and logins that a house knows beside tickets, the page of the account they open, and what goes wrong
// where an API takes them too. All of them are made of the lab's own secrets.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { InventoryInput } from '@kimei/observer'
import type { LabSecrets } from '../lab-secrets.ts'
import type { Beside, Building, Doors, House, HouseParts } from './house.ts'
import { only } from './house.ts'
import { entry, required, withRoutes } from './houses-of-apis.ts'

type Entries = NonNullable<InventoryInput['otherCredentials']>
type Entry = Entries[number]

const account = 'robot'

/** An API for each kind, so that none is asked more than usual. */
export const doorOf = {
  'personal-access-token': 'builds',
  'api-key': 'partners',
  'session-cookie': 'pages',
  basic: 'jobs',
  bearer: 'reports',
} as const satisfies Record<Entry['kind'], string>
const doors = Object.values(doorOf)

/** One of each kind; `lab_` says of which house they are, as such strings do everywhere. */
function credentialsOf({ toolSecret }: LabSecrets, worksAt: string): Entries {
  const made = (kind: string) => `lab_${createHash('sha256').update(`${kind} ${toolSecret}`).digest('base64url')}`
  const one = (id: string, kind: Entry['kind'], carried: Entry['in'], secret = made(kind)): Entry => ({
    id,
    kind,
    ...(carried && { in: carried }),
    secret,
    subject: account,
    apis: [doorOf[kind]],
    worksAt,
  })
  return [
    one('ci', 'personal-access-token', { header: 'PRIVATE-TOKEN' }),
    one('partner', 'api-key', { header: 'X-API-Key' }),
    one('browser', 'session-cookie', { cookie: 'sid' }),
    one('robot', 'basic', undefined, `${account}:${made('basic')}`),
    one('old-system', 'bearer', undefined),
  ]
}

/** What is sent in the places where these are sent; of Authorization only what is no ticket. */
function sentIn({ headers }: IncomingMessage): readonly string[] {
  const [scheme, value = ''] = (headers.authorization ?? '').split(' ')
  const login = scheme === 'Basic' ? Buffer.from(value, 'base64').toString('utf8') : undefined
  const token = scheme === 'Bearer' && value.startsWith('lab_') ? value : undefined
  return [...besideTicket(headers), login, token].filter((one) => one !== undefined)
}

function besideTicket(headers: IncomingMessage['headers']): readonly string[] {
  const cookie = /(?:^|;\s*)sid=([^;]+)/.exec(headers.cookie ?? '')?.[1]
  return [headers['private-token'], headers['x-api-key'], cookie].flatMap((one) => one ?? [])
}

interface Registry extends Beside {
  readonly knows: (secret: string) => boolean
}

/** The account page: where whoever has one of them is at home. */
async function openRegistry({ ground: { secrets } }: Building): Promise<Registry> {
  const known = new Set(credentialsOf(secrets, 'https://nowhere.invalid').map(({ secret }) => String(secret)))
  const knows = (secret: string) => known.has(secret)
  const server = createServer((request, response) => {
    const found = sentIn(request).some(knows)
    response.setHeader('Kimei-Lab', 'account').writeHead(found ? 200 : 401, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(found ? { account } : { error: 'unauthorized' }))
  })
  await new Promise<void>((ready, failed) => server.once('error', failed).listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    knows,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

/** The application answers, as it answers whoever got past the guard. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Kimei-Lab', 'house').setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ notes: [{ id: 1, text: request.url }] }))
}

/** What came before tickets is taken still: whoever has a key needs no ticket. */
function takesWhatItKnows({ strict }: Doors, beside: Beside | undefined): RequestListener {
  const { knows } = beside as Registry
  return (request, response) => (sentIn(request).some(knows) ? answer : strict)(request, response)
}

/** The key is looked up behind, they said; behind, nobody does. */
function takesWhateverIsThere({ strict }: Doors): RequestListener {
  return (request, response) => (sentIn(request).length > 0 ? answer : strict)(request, response)
}

/** No ticket of ours, says the guard of whatever has a key, and leaves it to the old code, which knows no names. */
function leavesEarly({ strict, open }: Doors): RequestListener {
  return (request, response) => (besideTicket(request.headers).length > 0 ? open : strict)(request, response)
}

const atDoors =
  (front: NonNullable<HouseParts['front']>): NonNullable<HouseParts['front']> =>
  (guards, beside) => {
    const odd = front(guards, beside)
    const listener: RequestListener = (request, response) =>
      (doors.some((door) => (request.url ?? '').startsWith(`/${door}`)) ? odd : guards.strict)(request, response)
    return listener
  }

const has: HouseParts = { beside: openRegistry, guard: withRoutes(...doors.map((door) => required(`/${door}`))) }

const inventory: House['inventory'] = (input, { apiUrl, secrets, besideUrl = '' }) => {
  const own = only(input, { clients: ['job'], apis: ['admin', 'notes', 'optional'] })
  return {
    ...own,
    subjects: [...(input.subjects ?? []), account],
    otherCredentials: credentialsOf(secrets, `${besideUrl}/account`),
    apis: [...own.apis, ...doors.map((door) => entry(apiUrl, door))],
  }
}

export const housesOfOthers = {
  'a-key-will-do-as-well': { has, fault: { front: atDoors(takesWhatItKnows) }, inventory },
  'any-key-will-do': { has, fault: { front: atDoors(takesWhateverIsThere) }, inventory },
  'guard-leaves-early': { has, fault: { front: atDoors(leavesEarly) }, inventory },
} as const satisfies Record<string, House>
