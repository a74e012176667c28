import { PythonError } from '../graph/python-text.ts';
import type { Audio } from '../graph/values.ts';

/** Pure operations on sounds, in samples as 0.3.64 and 0.33.0 count them. */

export function silence(seconds: number, sampleRate: number, channels: number): Audio {
  const length = roundHalfEven(seconds * sampleRate);
  return {
    kind: 'AUDIO',
    sampleRate,
    channels: Array.from({ length: channels }, () => new Int16Array(length)),
  };
}

/** @param start seconds; from the end when negative */
export function trim(audio: Audio, start: number, seconds: number): Audio {
  const length = audio.channels[0]?.length ?? 0;
  const offset = roundHalfEven(start * audio.sampleRate);
  const from = Math.max(0, Math.min(start < 0 ? length + offset : offset, length));
  const to = Math.max(0, Math.min(from + roundHalfEven(seconds * audio.sampleRate), length));
  if (from >= to) {
    const rule = 'Start time must be less than end time and be within the audio length.';
    throw new PythonError('ValueError', `TrimAudioDuration: ${rule}`);
  }
  return { ...audio, channels: audio.channels.map((channel) => channel.slice(from, to)) };
}

/** Both become stereo, at the higher of their rates. */
export function concatenate(first: Audio, second: Audio): Audio {
  const sampleRate = Math.max(first.sampleRate, second.sampleRate);
  const [left, right] = [first, second].map((audio) => resample(stereo(audio), sampleRate).channels);
  const channels = [0, 1].map((index) =>
    Int16Array.from([...(left?.[index] ?? []), ...(right?.[index] ?? [])]),
  );
  return { kind: 'AUDIO', sampleRate, channels };
}

function stereo(audio: Audio): Audio {
  const [only] = audio.channels;
  return only === undefined || audio.channels.length > 1 ? audio : { ...audio, channels: [only, only] };
}

function resample(audio: Audio, sampleRate: number): Audio {
  if (audio.sampleRate === sampleRate) return audio;
  const ratio = audio.sampleRate / sampleRate;
  const channels = audio.channels.map((channel) =>
    Int16Array.from(
      { length: Math.ceil(channel.length / ratio) },
      (_, index) => channel[Math.floor(index * ratio)] ?? 0,
    ),
  );
  return { ...audio, sampleRate, channels };
}

/** Python's round(). */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
