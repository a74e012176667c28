import type { InputFile } from './inputs-of.ts';

/** Our folder below the input folder of a server. */
const FOLDER = 'ensemble';
const MAX_NAME = 80;

/** 3D nodes list what is in their own folder, and take nothing from elsewhere. */
export function ownFolder({ subfolder }: Pick<InputFile, 'subfolder'>): string {
  return subfolder === '3d' || subfolder.startsWith('3d/') ? `3d/${FOLDER}` : FOLDER;
}

/**
 * A name that says what is in the file: equal names are equal files, and unlike files never clash. Plain ASCII, because it
 * has to survive form encoding, headers and every file system.
 * @param digest SHA-256, hex
 */
export function ownName(digest: string, name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/\.+$/, '');
  const dot = plain.lastIndexOf('.');
  const extension = dot > 0 ? plain.slice(dot).slice(0, 20) : '';
  const stem = dot > 0 ? plain.slice(0, dot) : plain;
  return `${digest.slice(0, 16)}-${stem.slice(0, MAX_NAME - extension.length)}${extension}`;
}
