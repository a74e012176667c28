/** Of commands that are told nothing: `{}`. */
export type NoArgs = Readonly<Record<string, never>>;
