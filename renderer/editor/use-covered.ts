import { useSyncExternalStore } from 'react';
import { followTopLayer, isTopLayerOpen } from '../components/top-layer.ts';
import { useUi } from '../store/services.ts';

/** Whether something of ours lies over the view: a native view would hide it. */
export function useCovered(): boolean {
  const isDialogOpen = useSyncExternalStore(followTopLayer, isTopLayerOpen);
  const areNoticesOpen = useUi((state) => state.notifications);
  return isDialogOpen || areNoticesOpen;
}
