// How an application reads, behind any framework, what the guard admitted.
import type { Admitted } from '../facts.ts'

/** A property that only this module can name. A WeakMap of objects that live for one request costs the collector more. */
const admission = Symbol('admission')

interface Admittable {
  [admission]?: Admitted
}

/** Remembers the admission on the framework's request, where no header or body can forge it. */
export function rememberAdmission(request: object, admitted: Admitted): void {
  ;(request as Admittable)[admission] = admitted
}

/** What the guard admitted for this request, or `undefined` where no guard ran. */
export function admittedOf(request: object): Admitted | undefined {
  return (request as Admittable)[admission]
}
