// The lab without a hole in each of its modes, and the seed's simplest one: tickets without names.
import type { Posture } from '@kimei/observer'
import { type ApiName, apiNames } from '../world/switches.ts'
import type { Scenario, Truth } from './scenario.ts'
import { open, refused, thief, usual } from './steps.ts'
import { switchedScenario, type Written } from './switched-scenario.ts'
import { wholePosture } from './truth.ts'

export type ApiTruth = Truth['apis'][string]

/** The same about every API of the switched lab, but for those named. */
export function everyApi(truth: ApiTruth, other: Partial<Record<ApiName, ApiTruth>> = {}): Truth['apis'] {
  return Object.fromEntries(apiNames.map((api) => [api, other[api] ?? truth]))
}

export const held: ApiTruth = { enforced: 'yes', mode: 'dpop' }
export const lost: ApiTruth = { enforced: 'no', mode: 'bearer' }

export function posture(change: Partial<Posture>): Posture {
  return { ...wholePosture, ...change }
}

const written: readonly Written[] = [
  {
    id: 'all-named',
    kind: 'setup',
    title: { ja: 'すべて記名（DPoP）', en: 'Everything bears a name (DPoP)' },
    story: {
      ja: '発行側は切符を鍵に結び、五つの API はどれも、鍵を持っている証明を求めます。盗んだ切符で何ができるか、試してみてください。',
      en: 'The issuer binds every ticket to a key, and all five APIs demand proof that the caller holds it. Try what a stolen ticket is good for.',
    },
    mend: { ja: '直すところはありません。', en: 'There is nothing to mend.' },
    owner: 'nobody',
    switches: {},
    attack: [
      ...usual({ api: 'admin' }),
      refused('no-ticket', { api: 'admin' }),
      refused('ticket-alone', { api: 'admin' }),
      refused('ticket-without-proof', { api: 'admin' }),
      refused('proof-that-is-none', { api: 'admin' }),
      refused('proof-by-own-key', { api: 'admin' }),
      refused('same-proof-again', { api: 'admin' }),
      refused('proof-of-other-api', { api: 'payments' }),
    ],
    truth: { posture: wholePosture, priority: 'none', holes: [], apis: everyApi(held) },
  },
  {
    id: 'all-bearer',
    kind: 'setup',
    title: { ja: 'すべて無記名（Bearer）', en: 'No ticket has a name (bearer)' },
    story: {
      ja: '発行側は切符を何にも結ばず、API は切符だけを見ます。いまも多くの所がこうです。ログやプロキシから切符が漏れると、拾った人がそのまま使えます。',
      en: 'The issuer binds tickets to nothing and the APIs look at the ticket alone, as in most places today. A ticket that leaks from a log or a proxy works for whoever finds it.',
    },
    mend: {
      ja: '発行側で切符を鍵（または証明書）に結び、そのうえで全部の API に証明を求めさせる。',
      en: 'Bind tickets to a key (or a certificate) at the issuer, then let every API demand the proof.',
    },
    owner: 'AS',
    switches: { mode: 'bearer' },
    attack: [...usual({ api: 'admin' }), thief('ticket-alone', { api: 'admin' }), thief('ticket-alone', { api: 'payments' }), open('AS1')],
    truth: {
      posture: posture({
        mode: 'bearer',
        as_enforced: 'no',
        rs_enforced: 'no',
        coverage: 'unknown',
        replay_protection: 'unknown',
      }),
      priority: 'P0',
      holes: [
        { rule: 'binding.bearer-is-permitted', at: 'lab' },
        ...apiNames.map((at) => ({ rule: 'binding.named-token-is-not-bearer' as const, at })),
      ],
      apis: everyApi(lost),
    },
  },
]

export const setups: readonly Scenario[] = written.map(switchedScenario)
