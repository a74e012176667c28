// Draws every icon of the app into build/resources/: `node build/make-icons.mjs`. The results are committed, because the
// shell bundles some of them; run it again after a change here.
// The mark: one large node (the master) joined to three small ones (the workers).
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';

const out = path.join(path.dirname(fileURLToPath(import.meta.url)), 'resources');
const APP_SIZES = [16, 24, 32, 48, 64, 96, 128, 256, 512, 1024];
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256];
/** icns type → pixels; the second of a pair is the "@2x" of half its size. */
const ICNS_TYPES = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

// ── Geometry, in a square of side 1 ──────────────────────────────────────────

const MASTER = { x: 0.345, y: 0.5, radius: 0.155 };
const WORKERS = [0.235, 0.5, 0.765].map((y) => ({ x: 0.745, y, radius: 0.088 }));
const LINK = 0.026;

const circle = (x, y, { x: cx, y: cy, radius }) => Math.hypot(x - cx, y - cy) - radius;

function segment(x, y, from, to, half) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const t = Math.max(0, Math.min(1, ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - from.x - t * dx, y - from.y - t * dy) - half;
}

function roundedSquare(x, y, margin, radius) {
  const half = 0.5 - margin - radius;
  const [qx, qy] = [Math.abs(x - 0.5) - half, Math.abs(y - 0.5) - half];
  return Math.hypot(Math.max(qx, 0), Math.max(qy, 0)) + Math.min(Math.max(qx, qy), 0) - radius;
}

const nodes = (x, y) => Math.min(circle(x, y, MASTER), ...WORKERS.map((worker) => circle(x, y, worker)));
const links = (x, y, half) => Math.min(...WORKERS.map((worker) => segment(x, y, MASTER, worker, half)));

// ── Painting ─────────────────────────────────────────────────────────────────

const mix = (a, b, t) => a.map((value, index) => value + (b[index] - value) * t);
const TOP = [0x6f, 0x82, 0xf6];
const BOTTOM = [0x37, 0x45, 0xb8];
const WHITE = [0xff, 0xff, 0xff];
const PALE = [0xc9, 0xd1, 0xff];

/** Layers of [signed distance, colour, opacity], painted bottom up; a pixel wide edge is blended. */
function paint(size, layersAt) {
  const pixels = Buffer.alloc(size * size * 4);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const [x, y] = [(column + 0.5) / size, (row + 0.5) / size];
      let [colour, alpha] = [[0, 0, 0], 0];
      for (const [distance, over, opacity] of layersAt(x, y, size)) {
        const cover = Math.max(0, Math.min(1, 0.5 - distance * size)) * opacity;
        if (cover === 0) continue;
        const next = cover + alpha * (1 - cover);
        colour = mix(colour, over, cover / next);
        alpha = next;
      }
      pixels.set([...colour.map(Math.round), Math.round(alpha * 255)], (row * size + column) * 4);
    }
  }
  return pixels;
}

/** Thin lines vanish in small icons: never thinner than about one pixel. */
const linkAt = (size) => Math.max(LINK, 0.62 / size);

function appLayers(x, y, size) {
  const margin = size <= 32 ? 0.02 : 0.06;
  return [
    [roundedSquare(x, y, margin, 0.2), mix(TOP, BOTTOM, y), 1],
    [links(x, y, linkAt(size)), PALE, 1],
    [nodes(x, y), WHITE, 1],
  ];
}

/** One colour on nothing: the panel's own background shows through. */
const glyphLayers = (colour) => (x, y, size) => {
  const [gx, gy] = [0.5 + (x - 0.5) * 0.78, 0.5 + (y - 0.5) * 0.78];
  return [[Math.min(nodes(gx, gy), links(gx, gy, linkAt(size) * 1.1)) / 0.78, colour, 1]];
};

// ── File formats ─────────────────────────────────────────────────────────────

const CRC = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  let crc = 0xffffffff;
  for (const byte of body) crc = CRC[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return Buffer.concat([uint32(data.length), body, uint32((crc ^ 0xffffffff) >>> 0)]);
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function png(size, layersAt) {
  const pixels = paint(size, layersAt);
  const rows = Array.from({ length: size }, (_, row) =>
    Buffer.concat([Buffer.of(0), pixels.subarray(row * size * 4, (row + 1) * size * 4)]),
  );
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    // 8 bits a channel, RGBA, no interlace
    chunk('IHDR', Buffer.concat([uint32(size), uint32(size), Buffer.of(8, 6, 0, 0, 0)])),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function ico(images) {
  const header = Buffer.alloc(6 + 16 * images.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(images.length, 4);
  let offset = header.length;
  images.forEach(([size, data], index) => {
    const at = 6 + 16 * index;
    // 256 is written as 0: the field is one byte
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(data.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += data.length;
  });
  return Buffer.concat([header, ...images.map(([, data]) => data)]);
}

function icns(images) {
  const entries = images.map(([type, data]) =>
    Buffer.concat([Buffer.from(type, 'latin1'), uint32(data.length + 8), data]),
  );
  const body = Buffer.concat(entries);
  return Buffer.concat([Buffer.from('icns', 'latin1'), uint32(body.length + 8), body]);
}

mkdirSync(path.join(out, 'icons'), { recursive: true });
const app = new Map(APP_SIZES.map((size) => [size, png(size, appLayers)]));
for (const [size, data] of app) writeFileSync(path.join(out, 'icons', `${size}x${size}.png`), data);
writeFileSync(path.join(out, 'icon.png'), app.get(512));
writeFileSync(path.join(out, 'icon.ico'), ico(ICO_SIZES.map((size) => [size, app.get(size)])));
writeFileSync(path.join(out, 'icon.icns'), icns(ICNS_TYPES.map(([type, size]) => [type, app.get(size)])));
// The names say which panel they are for: dark ink on a light one, light ink on a dark one, macOS tints its own.
const TRAY = { 'tray-light': [0x24, 0x27, 0x2d], 'tray-dark': [0xf2, 0xf3, 0xf5], trayTemplate: [0, 0, 0] };
for (const [name, colour] of Object.entries(TRAY)) {
  const base = name === 'trayTemplate' ? 18 : 22;
  writeFileSync(path.join(out, `${name}.png`), png(base, glyphLayers(colour)));
  writeFileSync(path.join(out, `${name}@2x.png`), png(base * 2, glyphLayers(colour)));
}
