// SHAKE256 (FIPS 202), which WebCrypto lacks: only for the token hashes of Ed448. Short texts, never on a hot path.

const mask = (1n << 64n) - 1n
const rateBytes = 136

const roundConstants = roundConstantsByLfsr()
const rotations = rotationOffsets()

/** FIPS 202 §3.2.5: the constants are the output of a linear feedback shift register. */
function roundConstantsByLfsr(): readonly bigint[] {
  let register = 1
  return Array.from({ length: 24 }, () => {
    let constant = 0n
    for (let j = 0; j < 7; j++) {
      if (register & 1) constant |= 1n << BigInt((1 << j) - 1)
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0)
    }
    return constant
  })
}

/** FIPS 202 §3.2.2. */
function rotationOffsets(): readonly number[] {
  const offsets = new Array<number>(25).fill(0)
  let x = 1
  let y = 0
  for (let t = 0; t < 24; t++) {
    offsets[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64
    const next = (2 * x + 3 * y) % 5
    x = y
    y = next
  }
  return offsets
}

function rotate(lane: bigint, by: number): bigint {
  const n = BigInt(by)
  return ((lane << n) | (lane >> (64n - n))) & mask
}

/** Keccak-f[1600] on 25 lanes, lane (x, y) at x + 5y. */
function permute(lanes: bigint[]): void {
  for (const constant of roundConstants) {
    const columns = [0, 1, 2, 3, 4].map((x) => lanes[x]! ^ lanes[x + 5]! ^ lanes[x + 10]! ^ lanes[x + 15]! ^ lanes[x + 20]!)
    const moved = new Array<bigint>(25)
    for (let i = 0; i < 25; i++) {
      const x = i % 5
      const y = (i - x) / 5
      const lane = lanes[i]! ^ columns[(x + 4) % 5]! ^ rotate(columns[(x + 1) % 5]!, 1)
      moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(lane, rotations[i]!)
    }
    for (let i = 0; i < 25; i++) {
      const row = i - (i % 5)
      lanes[i] = moved[i]! ^ (~moved[row + ((i + 1) % 5)]! & mask & moved[row + ((i + 2) % 5)]!)
    }
    lanes[0] = lanes[0]! ^ constant
  }
}

/** The first `length` bytes of the SHAKE256 output. */
export function shake256(message: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 1) / rateBytes) * rateBytes)
  padded.set(message)
  padded[message.length]! ^= 0x1f
  padded[padded.length - 1]! ^= 0x80
  const lanes = new Array<bigint>(25).fill(0n)
  for (let block = 0; block < padded.length; block += rateBytes) {
    for (let i = 0; i < rateBytes; i++) lanes[i >> 3] = lanes[i >> 3]! ^ (BigInt(padded[block + i]!) << BigInt(8 * (i & 7)))
    permute(lanes)
  }
  const output = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    if (i > 0 && i % rateBytes === 0) permute(lanes)
    const at = i % rateBytes
    output[i] = Number((lanes[at >> 3]! >> BigInt(8 * (at & 7))) & 0xffn)
  }
  return output
}
