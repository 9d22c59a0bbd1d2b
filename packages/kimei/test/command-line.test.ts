// The command line as a whole: help that teaches, wrong calls that say what to do, exit codes.
import { describe, expect, it } from 'vitest'
import { openTerminal } from '../src/command/terminal.ts'
import { emptyFolder, kimei, kimeiUnread } from './run-kimei.ts'

const commands = ['dev', 'token', 'call', 'client', 'observe', 'doctor', 'migrate', 'proof', 'lab', 'serve', 'guard', 'keys', 'config']

describe('help', () => {
  it('the first page lists every command, and the way to begin', async () => {
    const { code, out, err } = await kimei(['--help'], { cwd: emptyFolder() })
    expect([code, err]).toEqual([0, ''])
    for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command} +\\w`, 'm'))
    expect(out).toContain('kimei call --as-thief')
    expect(await kimei([], { cwd: emptyFolder() })).toEqual({ code, out, err })
  })

  it.each(commands)('%s --help shows its use, its options and examples within 80 columns', async (command) => {
    const { code, out, err } = await kimei([command, '--help'], { cwd: emptyFolder() })
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain(`Usage: kimei ${command}`)
    expect(out).toContain('Examples:')
    expect(out.split('\n').filter((line) => [...line].length > 80)).toEqual([])
    expect((await kimei(['help', command], { cwd: emptyFolder() })).out).toBe(out)
  })

  it('says nothing more, as programs do, when its reader has gone', async () => {
    expect(await kimeiUnread(['--help'], { cwd: emptyFolder() })).toEqual({ code: 141, out: '', err: '' })
  })

  it('is plain text unless a person looks at it', async () => {
    const { out, err } = await kimei(['keys', 'list'], { cwd: emptyFolder() })
    const forced = await kimei(['keys', 'list'], { cwd: emptyFolder(), env: { FORCE_COLOR: '1' } })
    expect(out + err).not.toContain('\u001b')
    expect(forced.err).toContain('\u001b[31m')
  })
})

describe('a wrong call', () => {
  const wrong: readonly (readonly [args: string[], says: RegExp])[] = [
    [['tokn'], /there is no command "tokn" \(did you mean "token"\?\)/],
    [['dev', '--prt', '3'], /Unknown option '--prt'/],
    [['dev', '--port', 'x'], /--port "x" is no port/],
    [['dev', '--port', '1'], /2 to 65533/],
    [['client', 'renew'], /the new certificate is missing/],
    [['dev', '--port', '65535'], /2 to 65533/],
    [['dev', 'now'], /"now" is one argument too many/],
    [['call'], /<url> is missing/],
    [['call', 'notes'], /"notes" is not an http\(s\) URL/],
    [['call', '-H', 'DPoP: x', 'http://localhost:1/'], /is made from your ticket/],
    [['call', 'http://localhost:1/'], /there is no ticket in .*: get one with kimei token/],
    [['token'], /--issuer is missing: name the issuer, or start kimei dev in this folder/],
    [['token', '--issuer', 'http://localhost:1', '--key', 'none.json', '--client', 'c'], /there is no key file/],
    [['token', '--issuer', 'http://localhost:1', '--client', 'c', '--grant', 'implicit'], /neither code nor client-credentials/],
    [['proof', 'explain'], /<proof> is missing/],
    [['proof', 'x', 'y'], /"x" is not known: kimei proof explain/],
    [['keys', 'list'], /there is no issuer in .kimei/],
    [['serve', '--config', 'none.yaml'], /there is no file none.yaml/],
    [['guard', '--config', 'none.yaml'], /there is no file none.yaml/],
    [['config', 'check'], /name the file to check/],
  ]
  it.each(wrong)('kimei %j says what to do, with exit code 2', async (args, says) => {
    const { code, out, err } = await kimei(args, { cwd: emptyFolder() })
    expect(err).toMatch(says)
    expect([code, out]).toEqual([2, ''])
  })

  it('observe keeps its own exit codes: without an inventory it is an error, 3', async () => {
    const { code, err } = await kimei(['observe'], { cwd: emptyFolder() })
    expect(err).toContain('name an inventory file, or start kimei dev in this folder')
    expect(code).toBe(3)
  })

  it('says who does not answer, with exit code 3', async () => {
    const { code, err } = await kimei(['token', '--issuer', 'http://127.0.0.1:9', '--client', 'c'], { cwd: emptyFolder() })
    expect(err).toMatch(/nobody answers/)
    expect(code).toBe(3)
  })
})

it('a terminal that says it has no columns is taken for a usual one', () => {
  const said = (columns: number | undefined) => openTerminal({ columns, isTTY: true } as NodeJS.WriteStream).width
  expect([said(0), said(undefined), said(100), said(400)]).toEqual([80, 80, 100, 120])
})
