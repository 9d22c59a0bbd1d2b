// `kimei token --device`: a code and an address to open elsewhere, then waiting until the person has answered there.
import { beginDeviceSignIn, type Ticket } from '@kimei/client'
import { encode, renderUnicodeCompact } from 'uqr'
import type { Terminal } from '../command/terminal.ts'
import { openOrder, type TicketOrder } from '../tickets/wallet.ts'

export async function signInByDevice(wallet: string, order: TicketOrder, terminal: Terminal): Promise<Ticket> {
  const waiting = await beginDeviceSignIn((await openOrder(wallet, order)).options)
  const { userCode, verificationUri, verificationUriComplete } = waiting
  terminal.note(`Open this on any device that has a browser:\n\n  ${verificationUri}\n\nand enter the code:\n`)
  terminal.note(`  ${terminal.paint('bold', userCode)}\n`)
  if (verificationUriComplete !== undefined) sayPicture(verificationUriComplete, terminal)
  terminal.note('Allow it only where the page shows the same code. Waiting for your answer there:')
  let last = 0
  return waiting.complete(() => {
    const minutes = Math.ceil((waiting.expiresAt - Math.floor(Date.now() / 1000)) / 60)
    if (minutes !== last) terminal.note(terminal.paint('dim', `  ${minutes} min left`))
    last = minutes
  })
}

/** To be taken with a camera, where it fits. Black and white are set where there are colours, so that any background will do. */
function sayPicture(url: string, terminal: Terminal): void {
  if (encode(url, { border: 2 }).size > terminal.width) return
  const lines = renderUnicodeCompact(url, { border: 2 }).split('\n')
  terminal.note(`or take this picture:\n\n${lines.map((line) => (terminal.colour ? `\u001b[40;97m${line}\u001b[0m` : line)).join('\n')}\n`)
}
