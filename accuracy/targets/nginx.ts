// nginx with client certificates, in each of its modes, before APIs that are told of the certificate in a header: as its manual has it, and
// as it should not be. What is true was read in its manual (ngx_http_ssl_module, ngx_http_proxy_module) and in what stands behind it.
import { randomBytes } from 'node:crypto'
import { parseInventory } from '@kimei/observer'
import { startTerminator, terminatorFolder } from 'testkit/terminators'
import { operations } from '../../packages/observer/test/express-apis.ts'
import { freePort } from '../free-port.ts'
import type { KnownPosture, Running, Target, Truth } from '../target.ts'
import { truth } from '../target.ts'
import {
  type Behind,
  type Checking,
  certificates,
  machineEntry,
  partnerEntry,
  resource,
  startApis,
  startCertificateIssuer,
  startGuarded,
} from './certificate-apis.ts'
import { oidcProviderByCertificate } from './known-facts.ts'

type Verify = 'off' | 'on' | 'optional' | 'optional_no_ca'

interface Location {
  /** Beside `proxy_pass`. */
  readonly directives: string
  /** What the API behind does; `kimei`: Kimei's guard stands there. */
  readonly api: Checking | 'kimei'
  readonly truth: Truth
}

interface Setting {
  readonly name: string
  readonly setting: Target['setting']
  readonly quick?: true
  readonly verify: Verify
  /** Of the whole `http` part. */
  readonly http?: string
  readonly a: Location
  readonly b: Location
  readonly c: Location
  readonly posture: KnownPosture
  /** Another entrance, which takes any certificate; `shared`: tickets of TLS sessions are made with one key for both. */
  readonly elsewhere?: 'apart' | 'shared'
  /** A client beside, whose tickets name nothing. */
  readonly partner?: true
}

const secret = 'correct-horse-battery-staple-0123456789'

/** 48 bytes, as its manual has it. */
const ticketKey = randomBytes(24).toString('hex')

/** Sets the header to what nginx saw, which is nothing where it saw no certificate: whatever the client wrote is gone. */
const tells = 'proxy_set_header ssl-client-cert $ssl_client_escaped_cert;'
const compares: Checking = { compares: 'ssl-client-cert' }

/** What the inventory does not name: other addresses, foreign sessions, a client whose tickets name nothing; and what only an issuer could make. */
const outside: Truth = { broken: [], unseen: ['L8', 'L10', 'L11-address', 'TK3', 'TK4', 'TK5'] }
const held = outside
const alone = truth(outside, { broken: ['L7'] })
const besidePartner: Truth = { broken: [], unseen: outside.unseen.filter((probe) => probe !== 'L8') }
const anybodys = truth(outside, { broken: ['L6'] })

/** Where the inventory names a place whose sessions must not count. */
const besideElsewhere: Truth = { broken: [], unseen: outside.unseen.filter((probe) => probe !== 'L10') }

const good = (api: Location['api'] = compares, directives = tells): Location => ({ directives, api, truth: held })
const everywhere = (location: Location) => ({ a: location, b: location, c: location })

const named: KnownPosture = {
  mode: 'mtls',
  as_enforced: 'yes',
  rs_enforced: 'yes',
  coverage: 'all_api',
  // A certificate is no proof that could be used twice.
  replay_protection: 'unknown',
  client_fit: 'server',
  confidence: 'confirmed',
}
const nowhere = { rs_enforced: 'no', coverage: 'unknown', confidence: 'inferred' } as const

const settings: readonly Setting[] = [
  {
    name: 'ssl_verify_client on, the API compares',
    setting: 'good',
    quick: true,
    verify: 'on',
    ...everywhere(good()),
    posture: named,
  },
  { name: 'ssl_verify_client optional, the API compares', setting: 'good', verify: 'optional', ...everywhere(good()), posture: named },
  {
    name: 'ssl_verify_client optional_no_ca, the API compares',
    setting: 'good',
    verify: 'optional_no_ca',
    ...everywhere(good()),
    posture: named,
  },
  {
    name: 'ssl_verify_client optional_no_ca, before Kimei’s guard',
    setting: 'good',
    verify: 'optional_no_ca',
    ...everywhere(good('kimei', `${tells}\n proxy_set_header Kimei-Hop-Secret "${secret}";`)),
    posture: named,
  },
  {
    // Whoever has any certificate of the authority gets through TLS, and behind it nobody asks whose the ticket is.
    name: 'ssl_verify_client on, and nobody compares',
    setting: 'bad',
    verify: 'on',
    ...everywhere({ directives: tells, api: 'ignores', truth: anybodys }),
    posture: { ...named, ...nowhere },
  },
  {
    name: 'ssl_verify_client optional_no_ca, any certificate will do',
    setting: 'bad',
    verify: 'optional_no_ca',
    ...everywhere({ directives: tells, api: { anyCertificateIn: 'ssl-client-cert' }, truth: anybodys }),
    posture: { ...named, ...nowhere },
  },
  {
    name: 'ssl_verify_client optional, and nobody compares',
    setting: 'bad',
    verify: 'optional',
    ...everywhere({ directives: tells, api: 'ignores', truth: alone }),
    posture: { ...named, ...nowhere, mode: 'mixed' },
  },
  {
    name: 'ssl_verify_client off, and nobody compares',
    setting: 'bad',
    verify: 'off',
    // No handshake asks for a certificate; whether it is asked for later cannot be seen in TLS 1.3.
    ...everywhere({ directives: '', api: 'ignores', truth: truth(alone, { broken: ['L0', 'L1'], unseen: ['L4'] }) }),
    posture: { ...named, ...nowhere, mode: 'mixed' },
  },
  {
    // At two of three places, what the client wrote is passed on where nginx has nothing to tell.
    name: 'a certificate header that anybody can write',
    setting: 'bad',
    quick: true,
    verify: 'optional',
    http: `map $ssl_client_escaped_cert $told_a { "" $http_ssl_client_cert; default $ssl_client_escaped_cert; }
  map $ssl_client_escaped_cert $told_b { "" $http_x_ssl_client_cert; default $ssl_client_escaped_cert; }`,
    a: { directives: 'proxy_set_header ssl-client-cert $told_a;', api: compares, truth: truth(outside, { broken: ['L9-ssl'] }) },
    b: {
      directives: 'proxy_set_header X-SSL-Client-Cert $told_b;',
      api: { compares: 'x-ssl-client-cert' },
      truth: truth(outside, { broken: ['L9-x-ssl'] }),
    },
    c: good(),
    posture: { ...named, rs_enforced: 'partial', coverage: 'partial_api' },
  },
  {
    // A location demands that the chain was verified; the others trust what nobody demanded. Nobody compares.
    name: 'a certificate demanded at one location alone',
    setting: 'bad',
    verify: 'optional',
    a: { directives: 'if ($ssl_client_verify != SUCCESS) { return 403; }', api: 'ignores', truth: anybodys },
    b: { directives: '', api: 'ignores', truth: alone },
    c: { directives: '', api: 'ignores', truth: alone },
    posture: { ...named, ...nowhere, mode: 'mixed' },
  },
  {
    name: 'tickets that name nothing pass at one location',
    setting: 'bad',
    verify: 'optional',
    a: {
      directives: tells,
      api: { compares: 'ssl-client-cert', takesUnbound: true },
      truth: { ...besidePartner, broken: ['L8'] },
    },
    b: { ...good(), truth: besidePartner },
    c: { ...good(), truth: besidePartner },
    // The second client gets tickets that name nothing; at one place they are good for it.
    posture: { ...named, mode: 'mixed', as_enforced: 'no', rs_enforced: 'partial', coverage: 'partial_api' },
    partner: true,
  },
  {
    name: 'an entrance beside, its TLS sessions apart',
    setting: 'good',
    verify: 'optional',
    ...everywhere({ ...good(), truth: besideElsewhere }),
    posture: named,
    elsewhere: 'apart',
  },
  {
    // nginx keeps the certificate of a session in its ticket, and names sessions by server certificate and authorities, which are the same.
    name: 'TLS sessions of another entrance go on here',
    setting: 'bad',
    verify: 'optional',
    ...everywhere({ ...good(), truth: { ...besideElsewhere, broken: ['L10'] } }),
    posture: { ...named, ...nowhere },
    elsewhere: 'shared',
  },
]

const places = ['a', 'b', 'c'] as const

/** The second name at the same address asks nobody for a certificate; the first one, which is the default, does as the setting says. */
interface Ports {
  readonly port: number
  readonly behind: number
  readonly beside: number
}

function configOf({ verify, http = '', elsewhere, ...setting }: Setting, folder: string, { port, behind, beside }: Ports): string {
  const tickets = elsewhere === 'shared' ? `ssl_session_ticket_key ${folder}/tickets.key;` : ''
  const server = (name: string, mode: Verify, at = port) => `server {
    listen 127.0.0.1:${at} ssl;
    ${tickets}
    server_name ${name};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate ${folder}/server.pem;
    ssl_certificate_key ${folder}/server.key;
    ssl_client_certificate ${folder}/authority.pem;
    ssl_verify_client ${mode};
    location / { return 404; }
    ${places.map((id) => `location = /${id} { ${setting[id].directives} proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:${behind}; }`).join('\n    ')}
  }`
  const entrance = elsewhere ? server('localhost', 'optional_no_ca', beside) : ''
  return `  ${http}\n  ${server('localhost', verify)}\n  ${server('other.localhost', 'off')}\n  ${entrance}`
}

async function start(setting: Setting): Promise<Running> {
  const issuer = await startCertificateIssuer()
  const { serving, authority } = certificates
  const [port, beside, folder] = [await freePort(), await freePort(), terminatorFolder()]
  const url = `https://localhost:${port}`
  const behind: Behind =
    setting.a.api === 'kimei'
      ? await startGuarded(issuer.issuer, { url, secret, paths: places.map((id) => `/${id}`) })
      : await startApis(issuer.issuer, Object.fromEntries(places.map((id) => [id, setting[id].api as Checking])))
  const nginx = await startTerminator('nginx', {
    folder,
    port,
    config: configOf(setting, folder, { port, behind: behind.port, beside }),
    files: { 'server.pem': serving.cert, 'server.key': serving.key, 'authority.pem': authority.cert, 'tickets.key': ticketKey },
  })
  const published = (await (await fetch(`${issuer.issuer}/.well-known/openid-configuration`)).json()) as {
    readonly mtls_endpoint_aliases: { readonly token_endpoint: string }
  }
  return {
    inventory: parseInventory({
      version: 1,
      contact: 'accuracy@example.com',
      authorities: [serving.cert],
      issuers: [
        {
          id: 'main',
          url: issuer.issuer,
          tokenEndpoint: `${issuer.issuer}/token`,
          mtlsTokenEndpoint: published.mtls_endpoint_aliases.token_endpoint,
          claims: 'mtls',
        },
      ],
      clients: [machineEntry, ...(setting.partner ? [partnerEntry] : [])],
      apis: places.map((id) => ({
        id,
        url: `${url}/${id}`,
        privilege: 'mid' as const,
        clients: ['machine'],
        resource,
        tls: { otherName: 'other.localhost', ...(setting.elsewhere && { sessionsApart: `https://localhost:${beside}/` }) },
      })),
      operations,
    }),
    options: {},
    apis: Object.fromEntries(places.map((id) => [id, setting[id].truth])),
    issuers: { machine: oidcProviderByCertificate },
    posture: setting.posture,
    close: async () => {
      await nginx.close()
      await behind.close()
      await issuer.close()
    },
  }
}

export const nginxTargets: readonly Target[] = settings.map((setting) => ({
  name: `nginx, ${setting.name}`,
  setting: setting.setting,
  quick: setting.quick === true,
  needs: ['nginx'],
  start: () => start(setting),
}))
