// What the end of `npm test` names: tests that failed, and those that passed only at the second try.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A vitest reporter that writes both lists to the file that ENSEMBLE_TEST_NOTES names. */
export default class TestNotes {
  #notes = [];

  onTestCaseResult(test) {
    const note = `${path.relative(process.cwd(), test.module.moduleId)} › ${test.fullName}`;
    if (test.result().state === 'failed') this.#notes.push({ kind: 'failed', note });
    else if (test.diagnostic()?.flaky) this.#notes.push({ kind: 'flaky', note });
  }

  onTestRunEnd() {
    const file = process.env.ENSEMBLE_TEST_NOTES;
    if (file) writeFileSync(file, JSON.stringify(this.#notes));
  }
}

export function readNotes(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

/** The same lists out of Playwright's JSON report. */
export function notesOfPlaywright({ suites = [] }) {
  return suites.flatMap((suite) => [
    ...notesOfPlaywright(suite),
    ...(suite.specs ?? []).flatMap((spec) =>
      spec.tests
        .filter(({ status }) => status === 'unexpected' || status === 'flaky')
        .map(({ status }) => ({
          kind: status === 'flaky' ? 'flaky' : 'failed',
          note: `${spec.file}:${spec.line} › ${spec.title}`,
        })),
    ),
  ]);
}
