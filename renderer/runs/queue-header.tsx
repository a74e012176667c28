import { Pause, Play } from 'lucide-react';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { useRun, useRuns } from '../store/services.ts';
import { plural } from './run-words.ts';

/** What waits and works over all runs, and the brake for it. */
export function QueueHeader() {
  const run = useRun();
  const queue = useRuns((state) => state.queue);
  if (queue === null) return null;
  const toggle = () => void (queue.paused ? run('queue.resume', {}) : run('queue.pause', {}));
  return (
    <>
      <div className="queue-header">
        <p className="queue-counts">
          <span>{plural(queue.running, 'shard')} at work</span>
          <span>{queue.waiting.toLocaleString('en')} waiting</span>
        </p>
        <Button size="s" icon={queue.paused ? Play : Pause} onClick={toggle}>
          {queue.paused ? 'Resume queue' : 'Pause queue'}
        </Button>
      </div>
      {queue.paused && (
        <Banner
          tone="warning"
          title="The queue is paused."
          text="What is at work goes on; nothing new is sent to any GPU until you resume."
        />
      )}
    </>
  );
}
