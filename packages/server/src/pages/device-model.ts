// What the page shows of a device that waits: the same words as the consent page, and where and when the device asked.
import type { DeviceCodeRecord } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { keepLanguage } from '../http/language.ts'
import { isSameNetwork } from '../http/same-network.ts'
import type { SignIn } from '../steps/contract.ts'
import { makeFormToken } from '../steps/form-token.ts'
import { accessMinutesOf, permissionOf, renewalOf, scopesToShow } from './asked-words.ts'
import type { DeviceDecisionModel } from './device-page.ts'
import type { PageFrame } from './layout.ts'

interface Shown {
  readonly signIn: SignIn
  readonly device: DeviceCodeRecord
  readonly userCode: string
  readonly frame: PageFrame
}

export async function deviceDecisionModel(
  context: ServerContext,
  exchange: Exchange,
  { signIn, device, userCode, frame }: Shown,
): Promise<DeviceDecisionModel> {
  const { language } = frame
  const [client, user, offer] = await Promise.all([
    context.directory.client(device.clientId),
    context.storage.records.user(context.issuer, signIn.subject),
    context.directory.offer(),
  ])
  const scopes = scopesToShow(context, client, device.scopes, offer)
  const words = (scope: string) => ({ scope, claims: offer.scopes.get(scope)?.claims ?? [] })
  return {
    frame,
    action: keepLanguage(exchange, context.urls.device),
    formToken: await makeFormToken(context, 'device-decision', `${signIn.sessionId} ${device.deviceHash}`),
    clientName: client?.name[language] ?? device.clientId,
    clientId: device.clientId,
    ...(client?.organisation && { organisation: client.organisation[language] }),
    userName: user?.username ?? signIn.subject,
    permissions: client ? scopes.map((scope) => permissionOf(context, client, words(scope), language)) : [],
    apis: device.resources
      .filter((resource) => resource !== context.issuer)
      .map((identifier) => ({ identifier, name: context.texts.resource(identifier)?.[language] ?? identifier })),
    accessMinutes: accessMinutesOf(context, offer, device.resources),
    renewal: client ? renewalOf(context, client, device.scopes.includes('offline_access')) : null,
    ticket:
      device.dpopJkt === null
        ? { kind: client?.binding.kind === 'required' ? 'named' : 'bearer' }
        : { kind: 'named', thumbprint: device.dpopJkt },
    userCode,
    minutesAgo: Math.floor((exchange.now - device.createdAt) / 60),
    time: `${new Date(device.createdAt * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    address: device.requestedFrom ?? undefined,
    sameNetwork: isSameNetwork(device.requestedFrom, exchange.connection.remoteAddress),
  }
}
