/** A command as one would type it into the platform's shell: POSIX sh, or PowerShell on Windows. Pure; for reading and copying only. */
export function shellText(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  platform: string,
): string {
  const variables = Object.entries(environment);
  if (platform === 'win32') {
    const assignments = variables.map(([name, value]) => `$env:${name}=${quotePowerShell(value, true)}`);
    const words = command.map((word) => quotePowerShell(word, false));
    return [...assignments, words[0]?.startsWith("'") ? `& ${words.join(' ')}` : words.join(' ')].join('; ');
  }
  const assignments = variables.map(([name, value]) => `${name}=${quotePosix(value)}`);
  return [...assignments, ...command.map(quotePosix)].join(' ');
}

function quotePosix(word: string): string {
  return /^[A-Za-z0-9_./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function quotePowerShell(word: string, always: boolean): string {
  return !always && /^[A-Za-z0-9_./:\\=-]+$/.test(word) ? word : `'${word.replaceAll("'", "''")}'`;
}
