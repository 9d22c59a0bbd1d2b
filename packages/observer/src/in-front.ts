// Answers that do not come from the API at all: a firewall that wants a browser to prove itself, a page to sign in. No yes and no no.
// What an API's own answer means stands in `baseline.ts`.
import { headerValues, type RawAnswer } from './wire/raw-client.ts'

/** AWS WAF answers 202 or 405 so, Cloudflare 403, Imperva 200. */
export function challengedByFirewall({ headers, body }: RawAnswer): boolean {
  const named = ['x-amzn-waf-action', 'cf-mitigated'].some((name) => headerValues(headers, name).length > 0)
  return named || body.includes('_Incapsula_Resource')
}

/** Why an answer of 2xx is none of the API's. */
export function answeredInFront(answer: RawAnswer): string | undefined {
  if (challengedByFirewall(answer)) return 'a firewall that wants a browser'
  return /<input\b[^>]*\btype\s*=\s*["']?password\b/i.test(answer.body) ? 'a page to sign in' : undefined
}
