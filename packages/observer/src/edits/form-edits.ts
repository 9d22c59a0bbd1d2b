// Single edits of a form request and of the client assertion in it.
import { type JwsPlan, writeJws } from './keys.ts'
import { type FormCall, withClaims, withHeader } from './plans.ts'

type FormEdit = (call: FormCall) => FormCall

/** Replaces a parameter, or adds it; `undefined` leaves it out. */
export const parameter =
  (name: string, value: string | undefined): FormEdit =>
  (call) => ({
    ...call,
    form: [...call.form.filter(([other]) => other !== name), ...(value === undefined ? [] : [[name, value] as const])],
  })

/** Adds a parameter, whether or not it is there. */
export const further =
  (name: string, value: string): FormEdit =>
  (call) => ({ ...call, form: [...call.form, [name, value]] })

export const parameterOf = (call: FormCall, name: string): string | undefined => call.form.find(([other]) => other === name)?.[1]

const assertion =
  (change: (jws: JwsPlan) => JwsPlan) =>
  (call: FormCall): FormCall | undefined =>
    call.assertion && { ...call, assertion: change(call.assertion) }

/** Claims of the client assertion; `undefined` where the client sends none. */
export const assertionClaims = (claims: Readonly<Record<string, unknown>>) => assertion((jws) => withClaims(jws, claims))
export const assertionHeader = (header: Readonly<Record<string, unknown>>) => assertion((jws) => withHeader(jws, header))
export const assertionFlipped = assertion((jws) => ({ ...jws, signature: 'flipped' }))
/** Moves times of the assertion, relative to now. */
export const assertionTimes = (now: number, times: Readonly<Record<string, number>>) =>
  assertion((jws) => withClaims(jws, Object.fromEntries(Object.entries(times).map(([name, seconds]) => [name, now + seconds]))))
/** Written down, so that the same one can be sent again. */
export const assertionWritten = assertion((jws) => ({ ...jws, verbatim: writeJws(jws) }))
