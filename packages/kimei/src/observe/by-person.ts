// Steps of an observation that a person has to take: signing a test account in with a browser, or allowing a device.
// The observer says what is to be opened; whoever sits there does it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createInterface } from 'node:readline/promises'
import type { ObserveOptions, SignInAnswer } from '@kimei/observer'
import { UsageError } from '../command/command.ts'
import type { Terminal } from '../command/terminal.ts'

const patienceSeconds = 300
const loopback = ['127.0.0.1', 'localhost', '[::1]']

/** For test clients whose tickets come from a person: asked for only where the inventory has one. */
export function byPerson(terminal: Terminal, signal: AbortSignal): Pick<ObserveOptions, 'signIn' | 'signInBy' | 'signOut' | 'allowDevice'> {
  return {
    signInBy: 'person',
    signIn: (url) => signIn(url, terminal, signal),
    signOut: async (url) => {
      terminal.note(`Sign the test account out here, in the browser in which it signed in:\n\n  ${shown(url)}\n`)
      await line('Press Enter when it is done: ', signal)
      return { page: 'the person says that it is done', status: 200 }
    },
    allowDevice: async ({ userCode, verificationUri, verificationUriComplete }) => {
      terminal.note(
        `Sign the test account in and allow it, on any device:\n\n  ${shown(verificationUriComplete ?? verificationUri)}\n\n  code  ${terminal.paint('bold', shown(userCode))}\n`,
      )
      await line('Press Enter when it is done: ', signal)
    },
  }
}

/** A callback to this machine is received; any other is pasted by the person. */
async function signIn(url: string, terminal: Terminal, signal: AbortSignal): Promise<SignInAnswer> {
  const redirect = new URL(new URL(url).searchParams.get('redirect_uri') ?? 'http://127.0.0.1/')
  terminal.note(`Sign the test account in here, in a browser:\n\n  ${shown(url)}\n`)
  if (!loopback.includes(redirect.hostname) || redirect.protocol !== 'http:') {
    const pasted = await line('Paste the address that you were sent to: ', signal)
    return URL.canParse(pasted) ? { redirectedTo: pasted } : { page: 'nothing was pasted', status: 0 }
  }
  if (redirect.port === '') throw new UsageError(`redirectUri ${redirect.href}: write a port that is free on this machine`)
  return received(redirect, signal)
}

function received(redirect: URL, signal: AbortSignal): Promise<SignInAnswer> {
  return new Promise((resolve, reject) => {
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      const back = new URL(request.url ?? '/', redirect.origin)
      const fits = back.pathname === redirect.pathname && (back.searchParams.has('code') || back.searchParams.has('error'))
      response.writeHead(fits ? 200 : 404, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' })
      response.end(fits ? 'You can close this page. この画面は閉じてかまいません。' : 'Not found.')
      if (fits) response.once('finish', () => end({ redirectedTo: back.href }))
    }
    const server = createServer({ maxHeaderSize: 16_384 }, answer)
    const end = (settled: SignInAnswer) => {
      clearTimeout(timer)
      server.close()
      server.closeAllConnections()
      resolve(settled)
    }
    const timer = setTimeout(() => end({ page: `nobody signed in within ${patienceSeconds} seconds`, status: 0 }), patienceSeconds * 1000)
    signal.addEventListener('abort', () => end({ page: 'ended from outside', status: 0 }), { once: true })
    server.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(new UsageError(`redirectUri ${redirect.href}: the port is taken or not yours (${error.code})`))
    })
    server.listen(Number(redirect.port), redirect.hostname.replace(/^\[|\]$/g, ''))
  })
}

async function line(question: string, signal: AbortSignal): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await reader.question(question, { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceSeconds * 1000)]) })).trim()
  } catch {
    return ''
  } finally {
    reader.close()
  }
}

function shown(text: string): string {
  return text.replace(/[\p{Cc}]/gu, ' ').slice(0, 2000)
}
