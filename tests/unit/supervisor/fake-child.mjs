// A scripted child: `node fake-child.mjs BEHAVIOUR PORT`. Serves 200 on every path once "ready".
import { spawn } from 'node:child_process';
import http from 'node:http';

const [behaviour, port, argument] = process.argv.slice(2);

function serve() {
  http
    .createServer((_request, response) => response.end('{}'))
    .on('error', (error) => {
      console.log(`OSError: [Errno 98] ${error.code}: address already in use`);
      process.exit(1);
    })
    .listen(Number(port), '127.0.0.1', () => console.log(`To see the GUI go to: http://127.0.0.1:${port}`));
}

const behaviours = {
  serve,
  slow: () => setTimeout(serve, Number(argument ?? 500)),
  never: () => setInterval(() => undefined, 1000),
  crash: () => {
    console.log('RuntimeError: No CUDA GPUs are available');
    process.exit(1);
  },
  'clean-early': () => process.exit(0),
  stubborn: () => {
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => undefined);
    serve();
  },
  'reboot-once': () => {
    serve();
    setTimeout(() => process.exit(0), Number(argument ?? 700));
  },
  helpers: () => {
    // One helper in the group, one that left it (its own session) but descends from us.
    for (const detached of [false, true]) {
      const helper = spawn(process.execPath, [process.argv[1], 'never', '0'], { detached, stdio: 'ignore' });
      console.log(`helper ${helper.pid}`);
    }
    serve();
  },
  'fork-and-exit': () => {
    const helper = spawn(process.execPath, [process.argv[1], 'never', '0'], { stdio: 'ignore' });
    console.log(`helper ${helper.pid}`);
    setTimeout(() => process.exit(0), 200);
  },
  garbage: () => {
    process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x5b, 0xc3, 0x28, 0x0a]));
    serve();
  },
  flood: () => {
    // Garbage without an end, from the first moment on.
    const noise = Buffer.from(Array.from({ length: 64 * 1024 }, (_, index) => (index * 197) & 0xff));
    setInterval(() => process.stdout.write(noise), 5);
    setTimeout(serve, 500);
  },
  spam: () => {
    serve();
    setInterval(() => process.stdout.write('spam line of a custom node\n'.repeat(5000)), 50);
  },
};

behaviours[behaviour]();
