// Grants that are off until configured, and what each of them is allowed.
import { z } from 'zod'
import { scopeName, seconds } from './shapes.ts'

export const deviceSchema = z
  .strictObject({
    assessment: z
      .string()
      .min(1)
      .describe(
        'Where the risk assessment of cross-device phishing is written down, and who decided (BCP 247): nothing starts without it.',
      ),
    codeSeconds: seconds(60, 1800, 'How long a person has to allow a device.').default(600),
    intervalSeconds: seconds(5, 60, 'Least time between two polls of a device.').default(5),
    scopes: z.array(scopeName).optional().describe('The only scopes that devices may be given; absent: all that their client has.'),
    proximity: z
      .enum(['shown', 'same-network'])
      .default('shown')
      .describe('Whether a person is only told where the device asked from, or must be on the same network (the same public address).'),
    wrongCodes: z
      .int()
      .min(10)
      .max(10_000)
      .default(100)
      .describe('Wrong user codes of all people together in the life of one code, before nobody may type one for a while.'),
  })
  .describe('Device authorization (RFC 8628): devices without a browser. Absent: off.')

export type DeviceConfig = z.output<typeof deviceSchema>
