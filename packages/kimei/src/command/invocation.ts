// How the person called us, so that what we print can be copied.

/** `npx kimei` where npm started us, `kimei` otherwise. */
export function commandName(): string {
  return process.env['npm_config_user_agent'] ? 'npx kimei' : 'kimei'
}
