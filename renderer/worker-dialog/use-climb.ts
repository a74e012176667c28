import { useCallback, useEffect, useRef, useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { InstanceId } from '../../shared/model.ts';
import type { Readiness, RemoteDraft } from '../../shared/remote.ts';
import { useClient } from '../store/services.ts';

export interface Climb {
  /** How far it came; null before the first rung. */
  readonly readiness: Readiness | null;
  readonly running: boolean;
  readonly refusal: ErrorEnvelope | null;
  /** The draft that it was climbed with; null before the first test. */
  readonly tested: RemoteDraft | null;
}

export interface ClimbHandle extends Climb {
  readonly start: (draft: RemoteDraft) => void;
  readonly stop: () => void;
}

const NOT_TESTED: Climb = { readiness: null, running: false, refusal: null, tested: null };

/** Climbs the readiness ladder with a draft and follows it live; a newer test, or the end of the dialog, lets go of an older one. */
export function useClimb(id: InstanceId | null): ClimbHandle {
  const client = useClient();
  const [climb, setClimb] = useState(NOT_TESTED);
  const running = useRef<string | null>(null);
  const letGo = useCallback(() => {
    const testId = running.current;
    running.current = null;
    // Nobody waits for the answer: a test that is over is no error.
    if (testId !== null) client.invoke('remote.stopTest', { testId }).catch(() => undefined);
  }, [client]);
  useEffect(() => {
    const leave = client.subscribe('climb', ({ testId, readiness }) => {
      if (testId === running.current) setClimb((before) => ({ ...before, readiness }));
    });
    return () => {
      leave();
      letGo();
    };
  }, [client, letGo]);
  const start = (draft: RemoteDraft): void => {
    letGo();
    const testId = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    running.current = testId;
    setClimb({ readiness: null, running: true, refusal: null, tested: draft });
    const end = (change: Partial<Climb>): void => {
      if (running.current !== testId) return;
      running.current = null;
      setClimb((before) => ({ ...before, ...change, running: false }));
    };
    client.invoke('remote.test', { testId, id, draft, workflow: null }).then(
      (readiness) => end({ readiness }),
      (error) => end({ refusal: toEnvelope(error) }),
    );
  };
  const stop = (): void => {
    letGo();
    setClimb((before) => ({ ...before, running: false }));
  };
  return { ...climb, start, stop };
}
