/** What discovery needs of multicast DNS. */

export interface Announced {
  /** Unique in the network. */
  readonly name: string;
  readonly port: number;
  readonly txt: Readonly<Record<string, string>>;
}

/** As it came in: anybody in the network may have sent it. */
export interface SeenService {
  readonly type: ServiceType;
  readonly name: string;
  readonly port: number;
  readonly addresses: readonly string[];
  /** Who sent it. */
  readonly from: string | null;
  readonly txt: Readonly<Record<string, unknown>>;
}

/** Ours, and what others may call a ComfyUI. */
export const SERVICE_TYPES = ['comfy-ensemble', 'comfyui'] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];

export interface Responder {
  /** In place of what was announced before. */
  announce(services: readonly Announced[]): void;
  /** Everybody who is there now, whenever that changes. */
  onSeen(listener: (services: readonly SeenService[]) => void): () => void;
  /** Why it does not work, in words. */
  onProblem(listener: (problem: string) => void): () => void;
  close(): void;
}
