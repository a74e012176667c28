declare const APP_VERSION: string;

/** package.json's version, written into the bundles by the build. */
export function appVersion(): string {
  return APP_VERSION;
}
