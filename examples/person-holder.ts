// A command-line program that acts for a person: sign-in in the browser, callback on loopback, ticket and key in a private folder.
// Run: node examples/person-holder.ts http://localhost:4445/notes, beside `kimei dev`. The second run needs no sign-in.
import { createSession, openDevice } from '@kimei/client'
import { listenForRedirect } from '@kimei/client/node'

const [url = 'http://localhost:4445/notes'] = process.argv.slice(2)
const session = createSession({
  issuer: process.env['ISSUER'] ?? 'http://localhost:4444',
  clientId: 'demo-cli',
  redirectUri: 'http://127.0.0.1/callback',
  scopes: ['openid', 'profile', 'notes:read'],
  // Of all that the issuer could tell about the person, only this is kept.
  purposes: { 'to greet them': ['name'] },
  device: await openDevice({ folder: process.env['HOLDER_FOLDER'] ?? '.kimei/example-holder' }),
})

if ((await session.ticket()) === undefined) {
  const redirect = await listenForRedirect()
  const { url: signIn, state } = await session.begin({ redirectUri: redirect.redirectUri })
  const received = redirect.received(state)
  console.log(`open this in your browser: ${signIn}`)
  await session.complete(await received)
}

const { claims } = await session.profile()
console.log(`hello, ${claims['name']?.value}`)
const response = await session.fetch(url)
console.log(response.status, await response.text())
