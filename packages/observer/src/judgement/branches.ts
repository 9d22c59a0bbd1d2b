// The seed's four hypotheses in words: which one holds, what that means, and what to look at next (SEED-TB-57..61). Words only.
import type { Text } from '@kimei/protocol'
import type { Observation } from '../observation.ts'

export const branches: Readonly<Record<Observation['hypothesis'], Text | undefined>> = {
  A: {
    ja: '仮説 A：どこも Bearer です。切符を鍵に縛ること（18）はまだ始まっていません。つぎは、失効と再認証と検知（17・16・15）を強めながら、権限の高い API から始めます。',
    en: 'Hypothesis A: bearer everywhere; binding (18) has not begun. Next: strengthen blocking, re-authentication and detection (17, 16, 15), and begin with the most privileged API.',
  },
  B: {
    ja: '仮説 B：切符は縛られていますが、API がそれを確かめていません。つぎは、鍵のない要求を断る守りを API の側に置き、例外の入口から直します（17・16 へ）。',
    en: 'Hypothesis B: tickets are bound, and APIs do not look. Next: make the check unconditional at the APIs, exceptions first, then 17 and 16.',
  },
  C: {
    ja: '仮説 C：証明書による拘束が片側だけです。つぎは、発行の入口と API の両方で同じ証明書を求め、どちらの責任かを決めます（16 へ）。',
    en: 'Hypothesis C: certificates bind on one side only. Next: ask for the same certificate at the token endpoint and at the APIs, and settle whose task that is, then 16.',
  },
  D: {
    ja: '仮説 D：強制されていますが、例外の API またはクライアントがあります。つぎは、クライアントごとに同じ API を比べ、権限の高い例外からふさぎます（16・15 へ）。',
    en: 'Hypothesis D: enforced, with exceptions by API or by client. Next: compare the same APIs client by client, and close the privileged exceptions first, then 16 and 15.',
  },
  none: undefined,
  unknown: undefined,
}
