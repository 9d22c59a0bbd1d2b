// A form posted from one of our pages: read, bounded, no field twice.
import { type Broken, checkRepeats, type Form, isBroken } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../context.ts'
import { readForm } from '../http/read-form.ts'

export async function readPageForm(context: ServerContext, exchange: Exchange): Promise<Form | Broken> {
  const form = await readForm(context, exchange)
  if (isBroken(form)) return form
  return checkRepeats(form, context.law) ?? form
}
