#!/usr/bin/env node
// The command line: finds the command, runs it, turns what went wrong into a sentence and an exit code.
// What each command does stands in commands/, loaded only when it is asked for.
import { runCommand } from './command/run-command.ts'

// Whoever read this has gone, as `head` does after its lines: nothing is left to say, and nobody to say it to.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
})
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCommand(process.argv.slice(2))
