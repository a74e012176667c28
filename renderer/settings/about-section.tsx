import type { SystemInfo } from '../../shared/contract.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { Section } from './section.tsx';

export function AboutSection({ info }: { readonly info: SystemInfo | null }) {
  if (info === null) {
    return (
      <Section id="about" title="About">
        <p role="status">Asking the control center…</p>
      </Section>
    );
  }
  const rows: readonly (readonly [string, string])[] = [
    [info.name, info.version],
    ['Shell', info.shell === 'desktop' ? 'Desktop window' : 'Headless, in the browser'],
    ['Platform', info.platform],
    ['Address', info.url],
    ['Data directory', info.dataDirectory],
    ['Process', String(info.pid)],
    ...Object.entries(info.versions),
  ];
  return (
    <Section
      id="about"
      title="About"
      aside={
        <CopyButton label="Copy" text={() => rows.map(([name, value]) => `${name}: ${value}`).join('\n')} />
      }
    >
      <dl className="about">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
