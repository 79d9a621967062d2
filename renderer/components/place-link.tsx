import type { SourceLocation } from '../../preload/contract/errors.ts';
import { fileName, formatWhere } from '../show/error-text.ts';

/** `compose.yaml:12`, which opens the file at that line. */
export function PlaceLink({
  where,
  onOpen,
}: {
  readonly where: SourceLocation;
  readonly onOpen: (where: SourceLocation) => void;
}) {
  return (
    <button type="button" className="link mono" title={formatWhere(where)} onClick={() => onOpen(where)}>
      {fileName(where.file)}:{where.line}
    </button>
  );
}
