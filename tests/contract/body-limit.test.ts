import { expect, it } from 'vitest';
import { bodyLimit } from '../../electron/transports/http/request-body.ts';
import { LIMITS } from '../../shared/parse/fields.ts';
import { COMMAND_NAMES } from '../../shared/parse.ts';
import { SAMPLES } from './samples.ts';

const takesWorkflow = COMMAND_NAMES.filter((name) => 'workflow' in SAMPLES[name].args);

it.each(takesWorkflow)('%s takes the largest workflow over HTTP', (name) => {
  expect(bodyLimit(name)).toBeGreaterThan(2 * LIMITS.workflow);
});

it('takes no more than it must for the others', () => {
  expect(takesWorkflow).toContain('models.check');
  expect(bodyLimit('fleet.snapshot')).toBeLessThan(LIMITS.workflow);
});
