import type { InstanceId } from '../../../shared/model.ts';
import type { Lease, LeaseId } from '../../../shared/providers.ts';
import type { LeaseAddress } from './provider.ts';

/** The fleet, as far as rented workers are concerned. */
export interface LeasedWorkers {
  /** Adds a cloud worker for the lease, or moves the one that is there. @returns whose card it is */
  appear(lease: Lease, address: LeaseAddress): Promise<InstanceId>;
  /** It takes part in no more runs; what it does now goes on. */
  retire(lease: LeaseId): Promise<void>;
  /** Away with the card; nothing happens where there is none. */
  vanish(lease: LeaseId): Promise<void>;
  /** Leases that have a card now. */
  readonly carded: readonly LeaseId[];
  /** It has a prompt, running or waiting. */
  isBusy(lease: LeaseId): boolean;
}
