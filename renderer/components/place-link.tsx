import type { SourceLocation } from '../../preload/contract/errors.ts';
import { fileName, formatWhere } from '../show/error-text.ts';

/** `compose.yaml:12`, which opens the file at that line where files are shown. */
export function PlaceLink({
  where,
  onOpen,
}: {
  readonly where: SourceLocation;
  readonly onOpen?: ((where: SourceLocation) => void) | undefined;
}) {
  const place = `${fileName(where.file)}:${where.line}`;
  if (onOpen === undefined) return <code title={formatWhere(where)}>{place}</code>;
  return (
    <button type="button" className="link mono" title={formatWhere(where)} onClick={() => onOpen(where)}>
      {place}
    </button>
  );
}
