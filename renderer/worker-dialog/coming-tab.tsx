import { Cloud, type LucideIcon, Network } from 'lucide-react';

const KINDS: Readonly<Record<'remote' | 'cloud', { readonly icon: LucideIcon; readonly text: string }>> = {
  remote: {
    icon: Network,
    text: 'Workers on other machines of your network come with the next release; for now the fleet is this machine.',
  },
  cloud: {
    icon: Cloud,
    text: 'Rented workers in the cloud come with the next release; for now the fleet is this machine.',
  },
};

export function ComingTab({ kind }: { readonly kind: 'remote' | 'cloud' }) {
  const { icon: Icon, text } = KINDS[kind];
  return (
    <div className="coming-tab">
      <Icon size={24} strokeWidth={1.4} aria-hidden="true" />
      <p>{text}</p>
    </div>
  );
}
