// The page of the browser tests: hands the holder to whoever drives the browser.
import { createDpopFetch, createSession, isHolderError, openDevice, type SessionOptions } from '../../src/index.ts'

const device = (withoutStorage: 'refuse' | 'keep-in-memory' = 'refuse') => openDevice({ database: 'kimei-test', withoutStorage })

/** `code` of what went wrong, or the value. */
async function outcome<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work()
  } catch (error) {
    return isHolderError(error) ? error.code : String(error)
  }
}

export const page = {
  device,
  outcome,
  createDpopFetch,
  session: async (options: Omit<SessionOptions, 'device'>) => createSession({ ...options, device: await device() }),
}
export type Page = typeof page

Object.assign(globalThis, { kimei: page })
