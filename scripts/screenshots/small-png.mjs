import { crc32, deflateSync, inflateSync } from 'node:zlib';

/*
 * Makes a screenshot a third of its size: the page uses few colours (surfaces, inks and their antialiased edges), so
 * 256 of them are enough and the rest moves to the nearest. https://www.w3.org/TR/png-3/
 */
const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/** @param {Buffer} png @returns {{ type: string, data: Buffer }[]} */
function readChunks(png) {
  const chunks = [];
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** @param {number} left @param {number} up @param {number} corner */
function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Undoes the row filters in place; returns the pixels without the filter bytes. */
function unfilter(raw, width, height, bytes) {
  const stride = width * bytes;
  const pixels = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)];
    for (let at = 0; at < stride; at += 1) {
      const here = row * stride + at;
      const left = at >= bytes ? (pixels[here - bytes] ?? 0) : 0;
      const up = row > 0 ? (pixels[here - stride] ?? 0) : 0;
      const corner = at >= bytes && row > 0 ? (pixels[here - stride - bytes] ?? 0) : 0;
      const add = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      pixels[here] = raw[row * (stride + 1) + 1 + at] + add;
    }
  }
  return pixels;
}

const mostColors = 256;
/** Colours closer than this in every channel share a place, so that a small red shape is not crowded out by shades of grey. */
const shade = 8;

/** The most frequent colours, no two alike, and for every colour of the picture the place of the nearest of them. */
function toPalette(colors) {
  const counts = new Map();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  const shades = new Map();
  for (const [color, count] of [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
    const key = [color >> 16, (color >> 8) & 255, color & 255].map((channel) => Math.floor(channel / shade)).join();
    const known = shades.get(key);
    if (known === undefined) shades.set(key, { color, count });
    else known.count += count;
  }
  const palette = [...shades.values()]
    .sort((a, b) => b.count - a.count || a.color - b.color)
    .slice(0, mostColors)
    .map(({ color }) => color);
  const places = new Map(palette.map((color, place) => [color, place]));
  const distance = (a, b) =>
    ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
  for (const color of counts.keys()) {
    if (places.has(color)) continue;
    let best = 0;
    for (let place = 1; place < palette.length; place += 1) {
      if (distance(color, palette[place]) < distance(color, palette[best])) best = place;
    }
    places.set(color, best);
  }
  return { palette, places };
}

/**
 * @param {Buffer} png eight bits a channel, not interlaced, as browsers write it
 * @returns {Buffer} the same picture with a palette; a picture of another kind is returned as it is
 */
export function shrinkPng(png) {
  const chunks = readChunks(png);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data;
  const bytes = { 2: 3, 6: 4 }[header?.[9] ?? 0];
  if (header === undefined || bytes === undefined || header[8] !== 8 || header[12] !== 0) return png;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const raw = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const pixels = unfilter(raw, width, height, bytes);
  const colors = new Uint32Array(width * height);
  for (let at = 0; at < colors.length; at += 1) colors[at] = pixels.readUIntBE(at * bytes, 3);
  const { palette, places } = toPalette(colors);

  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1) {
    for (let at = 0; at < width; at += 1) rows[row * (width + 1) + 1 + at] = places.get(colors[row * width + at]) ?? 0;
  }
  const colorBytes = Buffer.alloc(palette.length * 3);
  for (const [place, color] of palette.entries()) colorBytes.writeUIntBE(color, place * 3, 3);
  const indexed = Buffer.from(header);
  indexed[9] = 3;
  return Buffer.concat([
    signature,
    chunk('IHDR', indexed),
    chunk('PLTE', colorBytes),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
