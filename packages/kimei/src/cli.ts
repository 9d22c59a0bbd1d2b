#!/usr/bin/env node
// The command line: finds the command, runs it, turns what went wrong into a sentence and an exit code.
// What each command does stands in commands/, loaded only when it is asked for.
import { runCommand } from './command/run-command.ts'

process.exitCode = await runCommand(process.argv.slice(2))
