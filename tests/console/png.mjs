// Pictures made small: few colours, and a palette for them.

import { constants, crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
/** How many colours are tried: four bits can name sixteen, two can name four, and the fewer, the smaller the picture. */
const COLOURS = [16, 12, 10, 8, 7, 6, 5, 4]

/** A PNG of red, green and blue (and alpha, which is left out) with as many colours as so many bytes can hold. */
export function small(png, bytes) {
  const picture = pixels(png)
  const palette = popular(picture, COLOURS[0])
  const tries = COLOURS.map((count) => () => packed(picture, palette.slice(0, count)))
  return tries.reduce((smaller, next) => (smaller && smaller.length <= bytes ? smaller : next()), null)
}

function packed({ width, height, channels, rows }, palette) {
  const nearest = new Map()
  const bits = palette.length > 4 ? 4 : 2
  const lines = rows.map((row) => {
    const bytes = Buffer.alloc(1 + Math.ceil((width * bits) / 8))
    for (let x = 0; x < width; x++) {
      const colour = row.readUIntBE(x * channels, 3)
      if (!nearest.has(colour)) nearest.set(colour, closest(palette, colour))
      const at = x * bits
      bytes[1 + (at >> 3)] |= nearest.get(colour) << (8 - bits - (at & 7))
    }
    return bytes
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([bits, 3, 0, 0, 0], 8)
  const colours = Buffer.concat(palette.map((colour) => Buffer.from([colour >> 16, (colour >> 8) & 255, colour & 255])))
  const tries = [constants.Z_DEFAULT_STRATEGY, constants.Z_FILTERED].map((strategy) =>
    deflateSync(Buffer.concat(lines), { level: 9, memLevel: 9, strategy }))
  const data = tries.reduce((smaller, other) => (other.length < smaller.length ? other : smaller))
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function pixels(png) {
  const parts = []
  let header
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const body = png.subarray(at + 8, at + 8 + length)
    const kind = png.toString('latin1', at + 4, at + 8)
    if (kind === 'IHDR') header = body
    if (kind === 'IDAT') parts.push(body)
    at += 12 + length
  }
  const [width, height, channels] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3]
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * channels
  const rows = []
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1)
    const row = raw.subarray(start + 1, start + 1 + stride)
    rows.push(unfiltered(raw[start], row, rows.at(-1) ?? Buffer.alloc(stride), channels))
  }
  return { width, height, channels, rows }
}

function unfiltered(filter, row, above, channels) {
  const out = Buffer.from(row)
  for (let at = 0; at < out.length; at++) {
    const left = at < channels ? 0 : out[at - channels]
    const corner = at < channels ? 0 : above[at - channels]
    out[at] += [0, left, above[at], (left + above[at]) >> 1, paeth(left, above[at], corner)][filter]
  }
  return out
}

function paeth(left, above, corner) {
  const estimate = left + above - corner
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(estimate - value))
  return a <= b && a <= c ? left : b <= c ? above : corner
}

/** The commonest colour, and then again and again the one that is commonest for how far it is from those chosen. A bright
 *  colour means something and counts for more than the greys at the edges of letters. */
function popular({ rows, channels }, most) {
  const counts = new Map()
  for (const row of rows) {
    for (let at = 0; at < row.length; at += channels) {
      const colour = row.readUIntBE(at, 3)
      counts.set(colour, (counts.get(colour) ?? 0) + 1)
    }
  }
  const chosen = []
  const gain = ([colour, count]) => count * brightness(colour) * Math.min(...chosen.map((other) => distance(colour, other)), 1e6)
  while (chosen.length < Math.min(most, counts.size)) {
    chosen.push([...counts].reduce((best, other) => (gain(other) > gain(best) ? other : best))[0])
  }
  return chosen
}

function brightness(colour) {
  const parts = [16, 8, 0].map((shift) => (colour >> shift) & 255)
  return Math.max(...parts) - Math.min(...parts) > 64 ? 6 : 1
}

const closest = (palette, colour) =>
  palette.reduce((best, other, index) => (distance(other, colour) < distance(palette[best], colour) ? index : best), 0)

function distance(one, other) {
  const parts = [16, 8, 0].map((shift) => ((one >> shift) & 255) - ((other >> shift) & 255))
  return parts.reduce((sum, part) => sum + part * part, 0)
}

function chunk(kind, body) {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), body])
  const whole = Buffer.alloc(8 + named.length)
  whole.writeUInt32BE(body.length, 0)
  named.copy(whole, 4)
  whole.writeUInt32BE(crc32(named), 4 + named.length)
  return whole
}

