// Where the statement is asked for: its digest for everybody, the signed whole for a ticket that the guard has admitted on its route.
import type { Seconds } from '@kimei/protocol'
import type { GuardedRouteConfig } from '../config/schema.ts'
import type { GuardAnswer } from '../contract.ts'
import type { Admitted, RequestFacts } from '../facts.ts'
import { type GuardStatements, statementPath, statementRoute, statementType } from './guard-statement.ts'

/** The route that a guard needs beside its own, so that its statement is guarded like an API. */
export function statementRouteConfig(scope: string): Pick<GuardedRouteConfig, 'name' | 'path' | 'methods' | 'policy' | 'scopes'> {
  return { name: statementRoute, path: statementPath, methods: ['GET'], policy: 'required', scopes: [scope] }
}

export interface StatementDesk {
  /** For whoever comes without a ticket; `undefined`: it is not asked for, or there is one to judge. */
  publicly(facts: RequestFacts): Promise<GuardAnswer | undefined>
  /** For whoever was admitted on its route. */
  admitted(verdict: Admitted): Promise<GuardAnswer | undefined>
}

export function statementDesk(statements: GuardStatements, clock: () => Seconds): StatementDesk {
  return {
    async publicly({ method, target, headers }) {
      const asked = target === statementPath && (method === 'GET' || method === 'HEAD')
      if (!asked || headers.some(([name]) => name.toLowerCase() === 'authorization')) return undefined
      return answer('application/json', JSON.stringify({ digest: await statements.digest() }))
    },
    async admitted({ route, headers }) {
      if (route !== statementRoute) return undefined
      const signed = answer(`application/${statementType}`, await statements.sign(clock()))
      return { ...signed, headers: [...signed.headers, ...headers] }
    },
  }
}

function answer(type: string, body: string): GuardAnswer {
  return {
    status: 200,
    headers: [
      ['Content-Type', type],
      ['Cache-Control', 'no-store'],
    ],
    body,
  }
}
