// How an application reads, behind any framework, what the guard admitted.
import type { Admitted } from '../facts.ts'

const admissions = new WeakMap<object, Admitted>()

/** Remembers the admission beside the framework's request, where no header or body can forge it. */
export function rememberAdmission(request: object, admitted: Admitted): void {
  admissions.set(request, admitted)
}

/** What the guard admitted for this request, or `undefined` where no guard ran. */
export function admittedOf(request: object): Admitted | undefined {
  return admissions.get(request)
}
