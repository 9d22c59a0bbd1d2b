// The checklist of requests that ask for more: authorization details, a level of sign-in, and signing out. Heard as checklist.test.ts hears.
import type { Law, RuleId } from '@kimei/protocol'
import type { IssuerConfigInput } from '@kimei/server'
import { authorizeUrl, getTokens, startCodeKit } from 'testkit/code'
import { detailsText, payment, withDetails } from 'testkit/details'
import { type IssuerKit, kitApi } from 'testkit/issuer'
import { pwdLevel } from 'testkit/levels'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checklist } from '../src/checklist.ts'

const returnTo = 'https://app.example/signed-out'
let heard: RuleId[] = []
const law: Law = { waives: () => false, judged: (id) => void heard.push(id) }

function extend(config: IssuerConfigInput): IssuerConfigInput {
  const detailed = withDetails(config)
  const clients = (detailed.clients ?? []).map((client) =>
    client.clientId === 'spa' ? { ...client, postLogoutRedirectUris: [returnTo] } : client,
  )
  return { ...detailed, clients }
}

let kit: IssuerKit
beforeAll(async () => {
  kit = await startCodeKit({ law, extend })
})
afterAll(() => kit.close())

const expected = (endpoint: string) => checklist.find((one) => one.endpoint === endpoint)?.judged.flatMap((step) => step.rules)
async function listenTo(url: string) {
  heard = []
  const { status } = await fetch(url, { redirect: 'manual' })
  return { status, judged: heard }
}

it('RAR-5-01 STEP-5-01: authorize, with details and a demanded level', async () => {
  const claims = JSON.stringify({ id_token: { acr: { essential: true, value: pwdLevel } } })
  const change = { resource: kitApi, scope: 'openid notes:read', authorization_details: detailsText(payment), claims }
  const { url } = authorizeUrl(kit, { change })
  expect(await listenTo(url)).toEqual({ status: 303, judged: expected('authorize, with details and a level') })
})

it('RPLO-2-01: logout, by a client that proves its part', async () => {
  const { answer } = await getTokens(kit)
  const asked = { id_token_hint: String(answer.json['id_token']), client_id: 'spa', post_logout_redirect_uri: returnTo }
  const url = `${kit.issuer}/logout?${new URLSearchParams(asked)}`
  expect(await listenTo(url)).toEqual({ status: 303, judged: expected('logout') })
})
