// A process of its own that shares a device folder with others and needs a fresh ticket.
// Arguments: issuer, folder. Prints `ready`, then the ticket's end, or the code of what went wrong.
import { createSession, isHolderError, openDevice } from '../../src/index.ts'

const [issuer, folder] = process.argv.slice(2) as [string, string]
const session = createSession({
  issuer,
  clientId: 'app',
  redirectUri: 'https://app.example.test/callback',
  device: await openDevice({ folder }),
})
process.stdout.write('ready\n')
try {
  const token = await session.dangerouslyRevealAccessToken()
  process.stdout.write(`${token?.slice(0, 9)} ${(await session.key()).jkt}\n`)
} catch (error) {
  process.stdout.write(`${isHolderError(error) ? error.code : error}\n`)
}
