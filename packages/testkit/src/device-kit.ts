// Devices at the issuer of issuer-kit.ts: clients of the device grant, requests and polls made by hand, and a person at the page.
import type { IssuerConfigInput } from '@kimei/server'
import { startCodeKit, walkSignIn } from './code-kit.ts'
import { type FormBrowser, formBrowser, type Page } from './form-browser.ts'
import { type WireKey, wireProof } from './hostile-jwt.ts'
import {
  asKeyClient,
  type IssuerKit,
  type IssuerKitOptions,
  type KitAnswer,
  kitApi,
  kitOtherApi,
  postForm,
  tokenProof,
} from './issuer-kit.ts'

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** The clients `tv` (public), `old-tv` (public, may stay unbound) and `kiosk` (confidential), beside those of the kit. */
export function startDeviceKit(
  options: IssuerKitOptions = {},
  device: Partial<NonNullable<IssuerConfigInput['deviceAuthorization']>> = {},
): Promise<IssuerKit> {
  return startCodeKit({
    ...options,
    extend: (config) => {
      const changed = withDevices(config, device)
      return options.extend?.(changed) ?? changed
    },
  })
}

/** The configuration with the device grant and its clients. */
export function withDevices(
  config: IssuerConfigInput,
  device: Partial<NonNullable<IssuerConfigInput['deviceAuthorization']>> = {},
): IssuerConfigInput {
  const jwks = config.clients?.find(({ clientId }) => clientId === 'service')?.jwks
  const grants = [deviceGrant, 'refresh_token'] as const
  const person = { scopes: ['openid', 'profile', 'offline_access', 'notes:read', 'notes:write'], apis: [kitApi, kitOtherApi] }
  const binding = { kind: 'optional', reason: 'televisions in the field that make no proofs yet' } as const
  return {
    ...config,
    deviceAuthorization: { assessment: 'assessed for the tests', ...device },
    clients: [
      ...(config.clients ?? []),
      { clientId: 'tv', kind: 'mobile', name: { ja: 'テレビ', en: 'Television' }, grants: [...grants], ...person },
      { clientId: 'old-tv', kind: 'mobile', name: 'Old television', grants: [...grants], binding, ...person },
      { clientId: 'kiosk', kind: 'server', name: 'Kiosk', grants: [...grants], ...(jwks && { jwks }), ...person },
    ],
  }
}

export interface DeviceAsk {
  readonly clientId?: string
  /** Proven with the request. */
  readonly key?: WireKey
  readonly change?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

export function deviceProof(kit: IssuerKit, key: WireKey): string {
  return wireProof(key, { method: 'POST', url: `${kit.issuer}/device_authorization`, now: kit.now() })
}

const asClient = (kit: IssuerKit, clientId: string): Record<string, string> =>
  clientId === 'kiosk' ? asKeyClient(kit, clientId) : { client_id: clientId }

/** A sound device authorization request, but for what is changed. */
export function askDevice(kit: IssuerKit, { clientId = 'tv', key, change, headers }: DeviceAsk = {}): Promise<KitAnswer> {
  const form = { ...asClient(kit, clientId), scope: 'notes:read', ...change }
  return postForm(kit, '/device_authorization', form, { ...(key && { dpop: deviceProof(kit, key) }), ...headers })
}

export interface Waiting {
  readonly clientId: string
  readonly deviceCode: string
  readonly userCode: string
  readonly completeUri: string
}

/** A device that waits. */
export async function waitingDevice(kit: IssuerKit, ask: DeviceAsk = {}): Promise<Waiting> {
  const { status, json, text } = await askDevice(kit, ask)
  if (status !== 200) throw new Error(`no device code: ${status} ${text}`)
  return {
    clientId: ask.clientId ?? 'tv',
    deviceCode: String(json['device_code']),
    userCode: String(json['user_code']),
    completeUri: String(json['verification_uri_complete']),
  }
}

/** One poll, with a fresh proof of `key` where there is one. */
export function pollDevice(
  kit: IssuerKit,
  { clientId, deviceCode }: Pick<Waiting, 'clientId' | 'deviceCode'>,
  key: WireKey | undefined,
  change: Readonly<Record<string, string>> = {},
): Promise<KitAnswer> {
  const form = { grant_type: deviceGrant, device_code: deviceCode, ...asClient(kit, clientId), ...change }
  return postForm(kit, '/token', form, key ? { dpop: tokenProof(kit, key) } : {})
}

/** A person's browser that is signed in, on the page that asks for the code. */
export async function atDevicePage(
  kit: IssuerKit,
  { url = `${kit.issuer}/device`, username = 'hanako', browser = formBrowser(kit.issuer) } = {},
): Promise<{
  readonly browser: FormBrowser
  readonly page: Page
}> {
  return { browser, page: await walkSignIn(browser, await browser.open(url), username) }
}

/** Types the code and decides. */
export async function decideAtPage(
  kit: IssuerKit,
  { completeUri }: Pick<Waiting, 'completeUri'>,
  press: 'device-allow' | 'device-deny' = 'device-allow',
  browser?: FormBrowser,
): Promise<{ readonly browser: FormBrowser; readonly page: Page }> {
  const at = await atDevicePage(kit, { url: completeUri, ...(browser && { browser }) })
  const compare = await at.browser.press(at.page, 'device-continue')
  return { browser: at.browser, page: await at.browser.press(compare, press) }
}
