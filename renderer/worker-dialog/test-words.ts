import { ladderWords } from '../../shared/readiness-words.ts';
import { failedRung, type Readiness, type RemoteDraft } from '../../shared/remote.ts';

/** What the dialog says of a test. Pure. */

/** Everything that a test depends on is the same. */
export function isSameServer(tested: RemoteDraft, draft: RemoteDraft): boolean {
  const relevant = ({ host, port, secure, path, certificate, access }: RemoteDraft): string =>
    JSON.stringify([host, port, secure, path, certificate, access]);
  return relevant(tested) === relevant(draft);
}

/** e.g. "Fails at “Models”", "All 5 rungs hold". */
export function testWords(readiness: Readiness): string {
  return ladderWords(readiness).word;
}

/** One line beside the buttons: what is still to be done, or how the test went. */
export function footerWords(
  { missing, wrong }: { readonly missing: readonly string[]; readonly wrong: boolean },
  readiness: Readiness | null,
  adds: boolean,
): string {
  if (missing.length > 0) return `Still to be filled in: ${missing.join(', ')}.`;
  if (wrong) return 'A field has to be changed first.';
  const anyway = adds ? 'It can be added all the same.' : 'It can be saved all the same.';
  if (readiness === null) return `Not tested. ${anyway}`;
  if (!readiness.done || failedRung(readiness) === null) return `${testWords(readiness)}.`;
  return `${testWords(readiness)}. ${anyway}`;
}
