import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';

/**
 * Behaves as cloudflared does towards whoever starts it: its output, its metrics address and its exits, and carries
 * requests and WebSockets from "the edge" (a port of this machine) to the target. A script beside it says what goes wrong.
 */

const here = path.dirname(process.argv[1]);
const script = JSON.parse(readFileSync(path.join(here, 'script.json'), 'utf8'));
const argv = process.argv.slice(2);
const VERSION = '2026.9.1';

if (argv.includes('--version')) {
  console.log(script.version ?? `cloudflared version ${VERSION} (built 2026-09-08-1201 UTC)`);
  process.exit(0);
}

const lives = path.join(here, 'lives.jsonl');
const token = process.env.TUNNEL_TOKEN ?? null;
const life = script.lives?.[Math.min(countLives(), script.lives.length - 1)] ?? {};
const variables = Object.keys(process.env).filter((name) => /^(TUNNEL_|ENSEMBLE_|NODE_OPTIONS)/.test(name));
appendFileSync(lives, `${JSON.stringify({ pid: process.pid, argv, token, variables })}\n`);

const isNamed = argv.includes('run');
const target = isNamed ? script.service : optionOf('--url');
const host = script.host ?? 'calm-river-otter-song.trycloudflare.com';
const CONNECTOR = '6f1f0f6a-5c47-4b43-9a83-3a2c2a0e4f11';
let connections = 0;

process.on('SIGINT', () => leave('interrupt'));
process.on('SIGTERM', () => leave('terminated'));
await live();

async function live() {
  if (life.fail === 'at-once') process.exit(3);
  if (life.fail === 'garbage') {
    process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x0a]));
    process.exit(1);
  }
  if (life.fail === 'old') refuse('Incorrect Usage: flag provided but not defined: -config');
  if (isNamed) named();
  else await quick();
  metrics();
  edge();
  say('INF', `Version ${VERSION}`);
  say(
    'INF',
    `Settings: map[metrics:${optionOf('--metrics')} no-autoupdate:true${isNamed ? ' token:*****' : ` url:${target}`}]`,
  );
  say('INF', `Starting metrics server on ${optionOf('--metrics')}/metrics`);
  precheck();
  await pause(life.connectMs ?? 0);
  if (life.never) {
    say(
      'ERR',
      'Failed to dial a quic connection error="failed to dial to edge with quic: timeout: no recent network activity" connIndex=0 event=0 ip=198.41.192.27',
    );
    say('INF', 'Retrying connection in up to 2s connIndex=0 event=0 ip=198.41.192.27');
    return;
  }
  connect();
  if (life.lose) setTimeout(lose, life.lose.afterMs);
  if (life.end) setTimeout(crash, life.end.afterMs);
}

async function quick() {
  say(
    'INF',
    'Thank you for trying Cloudflare Tunnel. Doing so, without a Cloudflare account, is a quick way to experiment and try it out.',
  );
  say('INF', 'Requesting new quick Tunnel on trycloudflare.com...');
  await pause(life.startMs ?? 0);
  if (life.fail === 'unreachable') {
    refuse(
      'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com on 127.0.0.53:53: no such host',
    );
  }
  if (life.fail === 'rate-limited') {
    say(
      'ERR',
      'Error unmarshaling QuickTunnel response: error code: 1015 error="invalid character \'e\' looking for beginning of value" status_code="429 Too Many Requests"',
    );
    refuse("failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value");
  }
  if (life.fail === 'not-json') {
    say(
      'ERR',
      'Error unmarshaling QuickTunnel response: <html> error="invalid character \'<\' looking for beginning of value" status_code="500 Internal Server Error"',
    );
    refuse("failed to unmarshal quick Tunnel: invalid character '<' looking for beginning of value");
  }
  const invitation =
    'Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):';
  const border = `+${'-'.repeat(invitation.length + 4)}+`;
  say('INF', border);
  say('INF', `|  ${invitation}  |`);
  say('INF', `|  ${`https://${host}`.padEnd(invitation.length)}  |`);
  say('INF', border);
}

function named() {
  if (token === null || life.fail === 'bad-token') {
    console.error('Provided Tunnel token is not valid.');
    console.error("See 'cloudflared tunnel run --help'.");
    process.exit(255);
  }
  say('INF', `Starting tunnel tunnelID=${CONNECTOR}`);
  if (life.fail !== 'unauthorized') return;
  say(
    'ERR',
    'Register tunnel error from server side error="Unauthorized: Invalid tunnel secret" connIndex=0 event=0 ip=198.41.200.13',
  );
  process.exit(1);
}

function metrics() {
  const [address, port] = optionOf('--metrics').split(':');
  const server = http.createServer((request, response) => {
    if (request.url === '/ready') {
      response.writeHead(connections > 0 ? 200 : 503);
      response.end(
        JSON.stringify({
          status: connections > 0 ? 200 : 503,
          readyConnections: connections,
          connectorId: CONNECTOR,
        }),
      );
    } else if (request.url === '/quicktunnel' && !isNamed && !life.olderMetrics) {
      response.end(JSON.stringify({ hostname: host }));
    } else {
      response.writeHead(404);
      response.end('404 page not found\n');
    }
  });
  server.on('error', (error) => {
    say('ERR', `Error opening metrics server listener error="listen tcp ${address}:${port}: ${error.code}"`);
    process.exit(1);
  });
  server.listen(Number(port), address);
}

/** Cloudflare's side: it knows the host, and tells who asks. */
function edge() {
  if (script.edgePort === undefined) return;
  const server = http.createServer((request, response) => {
    if (request.headers.host !== host || connections === 0) {
      response.writeHead(530, { 'content-type': 'text/plain' });
      response.end('error code: 1033');
      return;
    }
    const to = http.request(new URL(request.url, target), {
      method: request.method,
      headers: carried(request),
    });
    to.on('response', (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    to.on('error', () => {
      say(
        'ERR',
        `Request failed error="Unable to reach the origin service. The service may be down or it may not be responding to traffic from cloudflared: dial tcp: connect: connection refused" connIndex=0 dest=https://${host}${request.url} event=0 ip=198.41.192.27 type=http`,
      );
      response.writeHead(502);
      response.end();
    });
    request.pipe(to);
  });
  server.on('upgrade', (request, socket, head) => carryUpgrade(request, socket, head));
  server.listen(script.edgePort, '127.0.0.1');
}

function carryUpgrade(request, socket, head) {
  const { hostname, port } = new URL(target);
  const to = net.connect(Number(port), hostname, () => {
    const lines = Object.entries(carried(request)).map(([name, value]) => `${name}: ${value}\r\n`);
    to.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    to.write(head);
    to.pipe(socket).pipe(to);
  });
  for (const end of [to, socket])
    end.on('error', () => {
      to.destroy();
      socket.destroy();
    });
}

function carried(request) {
  const caller = request.headers['x-test-caller'] ?? '203.0.113.9';
  return {
    ...request.headers,
    host,
    'cdn-loop': 'cloudflare; loops=1',
    'cf-connecting-ip': caller,
    'cf-ipcountry': 'NL',
    'cf-ray': '8f2d4c1a0b3e9c77-AMS',
    'x-forwarded-for': caller,
    'x-forwarded-proto': 'https',
  };
}

function connect() {
  connections = isNamed ? 4 : 1;
  for (let index = 0; index < connections; index += 1) {
    say(
      'INF',
      `Registered tunnel connection connIndex=${index} connection=9d1a0e1b-51cb-4f52-b9c3-0a4bd7a9a001 event=0 ip=198.41.192.27 location=ams07 protocol=quic`,
    );
  }
}

function lose() {
  connections = 0;
  say(
    'ERR',
    'failed to accept QUIC stream: timeout: no recent network activity connIndex=0 event=0 ip=198.41.192.27',
  );
  if (life.lose.forMs !== undefined) setTimeout(connect, life.lose.forMs);
}

function crash() {
  say('ERR', 'Initiating shutdown error="the connection was taken away"');
  process.exit(life.end.code ?? 1);
}

function precheck() {
  say(
    'INF',
    'precheck component="DNS Resolution" details="resolved" run_id=791e7ad9 status=pass target=region1.v2.argotunnel.com',
  );
  say(
    'INF',
    'precheck component="Cloudflare API" details="API is reachable" run_id=791e7ad9 status=pass target=api.cloudflare.com:443',
  );
  say('INF', 'precheck complete hard_fail=false run_id=791e7ad9 suggested_protocol=quic');
}

function leave(word) {
  if (life.deaf && word === 'interrupt') return;
  say('INF', `Initiating graceful shutdown due to signal ${word} ...`);
  process.exit(0);
}

function refuse(words) {
  console.error(words);
  process.exit(1);
}

function say(level, words) {
  process.stderr.write(`${new Date().toISOString().slice(0, 19)}Z ${level} ${words}\n`);
}

function optionOf(flag) {
  return argv[argv.indexOf(flag) + 1];
}

function countLives() {
  try {
    return readFileSync(lives, 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
