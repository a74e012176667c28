import { type HostOptions, parseHostOptions } from '../core/options.ts';

const OURS = ['port', 'host', 'gateway-host', 'data', 'demo'];
const WITH_VALUE = ['port', 'host', 'gateway-host', 'data'];

/**
 * Our options among Chromium's own switches (--no-sandbox, --ozone-platform=…), which are not ours to judge.
 * @param argv process.argv
 * @throws EnsembleError('bad-argument')
 */
export function desktopOptions(argv: readonly string[], packaged: boolean): HostOptions {
  const given = argv.slice(packaged ? 1 : 2);
  const own: string[] = [];
  for (let index = 0; index < given.length; index += 1) {
    const argument = given[index] ?? '';
    const name = /^--([^=]+)/.exec(argument)?.[1];
    if (name === undefined || !OURS.includes(name)) continue;
    own.push(argument);
    const value = given[index + 1];
    if (argument === `--${name}` && WITH_VALUE.includes(name) && value !== undefined) {
      own.push(value);
      index += 1;
    }
  }
  return parseHostOptions(own);
}
