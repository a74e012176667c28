import { DraftField } from './draft-field.tsx';
import { readNumber } from './read-number.ts';

export interface NumberSettingProps {
  readonly label: string;
  readonly hint: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly onSave: (value: number) => void;
}

export function NumberSetting({ label, hint, value, least, most, onSave }: NumberSettingProps) {
  const read = (text: string) => readNumber(text, least, most);
  return (
    <div className="number-setting">
      <DraftField
        label={label}
        hint={hint}
        inputMode="numeric"
        saved={String(value)}
        problemOf={(text) => read(text).problem}
        onCommit={(text) => {
          const number = read(text).value;
          if (number !== null && number !== value) onSave(number);
        }}
      />
    </div>
  );
}
