// What it means where a sign-in of the test account ends: only a code, or a token, is acceptance.
import type { Answered } from '../baseline.ts'
import type { SignInAnswer } from '../observation.ts'

export function readReturn(back: SignInAnswer): Answered {
  if ('page' in back)
    return back.status >= 400 && back.status < 500
      ? { kind: 'refused', by: `page ${back.status}` }
      : { kind: 'unclear', because: back.status === 0 ? back.page.slice(0, 80) : `page ${back.status}` }
  const { hash, searchParams } = new URL(back.redirectedTo)
  const fragment = new URLSearchParams(hash.slice(1))
  const named = (name: string) => searchParams.get(name) ?? fragment.get(name)
  if (named('code') !== null || named('access_token') !== null) return { kind: 'accepted' }
  const error = named('error')
  return error === null ? { kind: 'unclear', because: 'a redirect without code and error' } : { kind: 'refused', by: error.slice(0, 60) }
}
