// How an answer of an introspection endpoint is read: only `active: true` is acceptance.
import { expect, it } from 'vitest'
import { readIntrospection } from '../src/stations/introspection.ts'

const answer = (status: number, body: string) => readIntrospection({ status, headers: [['content-type', 'application/json']], body })

it.each([
  [200, '{"active":true,"cnf":{}}', 'accepted'],
  [200, '{"active":false}', 'refused'],
  [401, '{"error":"invalid_client"}', 'refused'],
  [403, '{"error":"unauthorized_client"}', 'refused'],
  [200, '{"active":"true"}', 'unclear'],
  [200, '{}', 'unclear'],
  [200, 'null', 'unclear'],
  [200, '<html>', 'unclear'],
  [404, '', 'unclear'],
  [500, '{"error":"server_error"}', 'unclear'],
])('INTRO-2.2-01: %i %s is %s', (status, body, kind) => {
  expect(answer(status, body).kind).toBe(kind)
})
