import { serveFakeWorkers } from '../distribution/controller/fake-workers.ts';
import type { WorkersSetting } from '../distribution/controller/protocol.ts';
import { type GatewaySetting, serveGateway } from './gateway-process.ts';
import { servePlainMaster } from './plain-master.ts';

/** @returns false when this process is the benchmark itself and has no role in it */
export function playRole([role, setting = 'null']: readonly string[]): boolean {
  if (role === 'fake-workers') void serveFakeWorkers(JSON.parse(setting) as WorkersSetting);
  else if (role === 'plain-master') void servePlainMaster();
  else if (role === 'gateway') void serveGateway(JSON.parse(setting) as GatewaySetting);
  else return false;
  return true;
}
